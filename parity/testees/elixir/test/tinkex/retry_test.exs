defmodule Tinkex.RetryTest do
  use ExUnit.Case, async: true

  alias Tinkex.{HttpDate, Policy, Retry}

  @seeds Policy.fetch!("tinkex")
  @python Policy.fetch!("tinker-0.4.1")

  test "5xx, 408 and 429 are tried again; 409 and what was lost only by 0.4.1" do
    for status <- [408, 429, 500, 503, 599], do: assert(Retry.decide(status, %{}, @seeds))
    for status <- [200, 302, 400, 401, 404, 410, 422], do: refute(Retry.decide(status, %{}, @seeds))
    for outcome <- [409, :timeout, :connection], do: assert({false, true} == both(outcome))
  end

  test "the server's word goes before the status, in lower case only" do
    assert Retry.decide(400, %{"x-should-retry" => "true"}, @seeds)
    refute Retry.decide(503, %{"x-should-retry" => "false"}, @seeds)
    refute Retry.decide(400, %{"x-should-retry" => "True"}, @seeds)
  end

  test "waits double up to ten seconds, less a random quarter" do
    assert for(retry <- 0..6, do: Retry.delay_s(retry, %{}, 0.0, 0)) == [0.5, 1.0, 2.0, 4.0, 8.0, 10, 10]
    assert Retry.delay_s(0, %{}, 1.0, 0) == 0.375
    assert Retry.delay_s(1_000_000, %{}, 0.0, 0) == 10
  end

  test "the server says when, for up to a minute" do
    assert Retry.delay_s(0, %{"retry-after-ms" => "10", "retry-after" => "9"}, 0.0, 0) == 0.01
    assert Retry.delay_s(0, %{"retry-after" => "60"}, 0.0, 0) == 60
    assert Retry.delay_s(0, %{"retry-after" => "61"}, 0.0, 0) == 0.5
    at = HttpDate.parse("Wed, 21 Oct 2015 07:28:00 GMT")
    assert Retry.delay_s(0, %{"retry-after" => "Wed, 21 Oct 2015 09:28:00 +0200"}, 0.0, at - 5) == 5
    assert Retry.delay_s(0, %{"retry-after" => "soon"}, 0.0, at) == 0.5
  end

  test "a submit is tried for five minutes" do
    assert Retry.submit(503, 3, 10, @seeds) == {:retry, 8}
    assert Retry.submit(503, 9, 290, @seeds) == {:retry, 10}
    assert Retry.submit(503, 9, 300, @seeds) == :give_up
    assert Retry.submit(nil, 0, 0, @seeds) == :give_up
  end

  defp both(outcome), do: {Retry.decide(outcome, %{}, @seeds), Retry.decide(outcome, %{}, @python)}
end
