defmodule Tinkex.Telemetry.ReporterTest do
  use ExUnit.Case, async: true
  import ExUnit.CaptureLog

  alias Tinkex.{Config, Error, FakeServer, StillClock}
  alias Tinkex.Telemetry.{Queue, Reporter}

  test "events go out numbered, the session's start first" do
    reporter = reporter(fn _, _, _ -> FakeServer.json(%{status: "accepted"}) end)
    Reporter.put(reporter, {:generic, "hello", %{a: 1}})
    Reporter.put(reporter, {:exception, Error.status(404, "")})
    Reporter.put(reporter, {:exception, %RuntimeError{message: "broke"}})
    assert Reporter.flush(reporter) == :ok
    assert_received {:request, :POST, "/api/v1/telemetry", body}
    events = JSON.decode!(body)["events"]
    assert Enum.map(events, & &1["event_session_index"]) == [0, 1, 2, 3]
    assert Enum.map(events, & &1["event"]) == ~w(SESSION_START GENERIC_EVENT GENERIC_EVENT UNHANDLED_EXCEPTION)
  end

  test "a server that does not want them is a line in the log" do
    reporter = reporter(fn _, _, _ -> {500, [], "no"} end)
    assert capture_log(fn -> assert Reporter.flush(reporter) == :ok end) =~ "telemetry was not sent"
    assert Process.alive?(reporter)
  end

  test "batches of 100, and no more than 10,000 wait" do
    queue = Enum.reduce(1..10_001, %Queue{}, fn _, queue -> Queue.add(queue, & &1) end)
    assert queue.dropped == 1
    {batches, queue} = Queue.take(queue)
    assert length(batches) == 100 and Enum.all?(batches, &(length(&1) == 100))
    assert {[[10_001]], _} = queue |> Queue.add(& &1) |> Queue.take()
  end

  defp reporter(answer) do
    config =
      Config.new([base_url: FakeServer.start(answer), api_key: "k", clock: StillClock.new(), telemetry: true], %{})

    start_supervised!({Reporter, %{id: "s", config: config}})
  end
end
