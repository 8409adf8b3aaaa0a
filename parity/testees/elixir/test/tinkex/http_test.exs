defmodule Tinkex.HttpTest do
  use ExUnit.Case, async: true

  alias Tinkex.{Config, Error, FakeServer, Http, StillClock}

  test "a 429 is tried again when the server says" do
    counter = :counters.new(1, [])

    config =
      config(fn _, _, _ ->
        :counters.add(counter, 1, 1)

        if :counters.get(counter, 1) == 1,
          do: FakeServer.json(%{}, 429, [{"Retry-After-Ms", 10}]),
          else: FakeServer.json(%{ok: true})
      end)

    assert Http.json(config, :post, "/api/v1/x", body: %{a: nil}) == {:ok, %{"ok" => true}}
    assert_received {:slept, 0.01}
    assert_received {:request, :POST, "/api/v1/x", ~s({"a":null})}
    assert_received {:request, :POST, "/api/v1/x", ~s({"a":null})}
  end

  test "tries end, and the last answer is told" do
    config = config(fn _, _, _ -> {500, [], "broken"} end, max_retries: 2)
    assert {:error, %Error{kind: :status, status: 500, message: "broken"}} = Http.request(config, :get, "/x")
    assert_received {:slept, 0.5}
    assert_received {:slept, 1.0}
    refute_received {:slept, _}
  end

  test "a redirect is followed, unless the caller wants to see it" do
    config =
      config(fn
        _, "/a", _ -> {302, [{"Location", "/b"}], ""}
        _, "/b", _ -> FakeServer.json(1)
      end)

    assert Http.json(config, :get, "/a") == {:ok, 1}
    assert {:ok, %{status: 302, headers: %{"location" => "/b"}}} = Http.request(config, :get, "/a", redirects: false)
  end

  test "nobody there, and somebody slow" do
    config = Config.new([base_url: "http://127.0.0.1:1", api_key: "k", clock: StillClock.new()], %{})
    assert {:error, %Error{kind: :connection}} = Http.request(config, :get, "/x")
    slow = config(fn _, _, _ -> Process.sleep(2000) && FakeServer.json(1) end, timeout_s: 0.1)
    assert {:error, %Error{kind: :timeout}} = Http.request(slow, :get, "/x")
  end

  test "what is no JSON is told as such" do
    config = config(fn _, _, _ -> {200, [], "<html>"} end)
    assert {:error, %Error{kind: :validation}} = Http.json(config, :get, "/x")
  end

  defp config(answer, options \\ []) do
    Config.new([base_url: FakeServer.start(answer), api_key: "k", clock: StillClock.new()] ++ options, %{})
  end
end
