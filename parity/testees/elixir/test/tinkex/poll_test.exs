defmodule Tinkex.PollTest do
  use ExUnit.Case, async: true

  alias Tinkex.{Poll, Policy}

  @seeds Policy.fetch!("tinkex")
  @python Policy.fetch!("tinker-0.4.1")

  test "what is pending is waited for longer and longer" do
    for {failures, delay} <- [{0, 1}, {1, 2}, {4, 16}, {5, 30}, {9, 30}] do
      assert %Poll{then: :poll, delay_s: ^delay} = Poll.decide({200, %{"status" => "pending"}}, failures, @seeds)
    end

    # 0.4.1 knows no envelope: any object is the result.
    assert %Poll{then: :done} = Poll.decide({200, %{"status" => "pending"}}, 0, @python)
  end

  test "try_again pauses a second, or as long as the server says, and tells the queue's state" do
    body = %{"type" => "try_again", "queue_state" => "paused_capacity"}

    assert %Poll{then: :poll, delay_s: 1.0, queue_state: :paused_capacity, observed: true} =
             Poll.decide({200, body}, 0, @seeds)

    assert %Poll{delay_s: 0.25} = Poll.decide({200, Map.put(body, "retry_after_ms", 250)}, 0, @seeds)
    assert %Poll{then: :poll, delay_s: 0, observed: false} = Poll.decide({200, body}, 0, @python)
  end

  test "a result comes in an envelope, or bare" do
    assert %Poll{then: :done, result: %{"value" => 42}} =
             Poll.decide({200, %{"status" => "completed", "result" => %{"value" => 42}}}, 0, @seeds)

    assert %Poll{then: :done, result: %{"value" => 42}} = Poll.decide({200, %{"value" => 42}}, 0, @seeds)
  end

  test "a failure tells whose fault it was, in any case of letters" do
    body = %{"status" => "failed", "error" => %{"message" => "no", "category" => "User"}}
    assert %Poll{then: :fail, error: %{kind: :request_failed, category: :user}} = Poll.decide({200, body}, 0, @seeds)
    bare = %{"error" => "no", "category" => "User"}
    assert %Poll{then: :fail, error: %{category: :unknown}} = Poll.decide({200, bare}, 0, @python)
  end

  test "statuses" do
    assert %Poll{then: :poll, delay_s: 0, queue_state: :active} =
             Poll.decide({408, %{"queue_state" => "active"}}, 0, @seeds)

    assert %Poll{then: :poll} = Poll.decide({503, nil}, 0, @seeds)
    assert %Poll{then: :resubmit} = Poll.decide({410, nil}, 0, @seeds)
    assert %Poll{then: :fail, error: %{status: 429}} = Poll.decide({429, nil}, 0, @seeds)
    assert %Poll{then: :poll, delay_s: 4} = Poll.decide(:connection, 2, @seeds)
  end
end
