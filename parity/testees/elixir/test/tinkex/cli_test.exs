defmodule Tinkex.CliTest do
  use ExUnit.Case, async: true

  alias Tinkex.{Cli, Config, FakeServer, StillClock}
  alias Tinkex.Cli.Text

  @run %{
    training_run_id: "r",
    base_model: "m/B",
    model_owner: "o",
    is_lora: true,
    lora_rank: 8,
    last_request_time: "2023-11-14T20:13:20Z"
  }

  test "a table for people, JSON for programs" do
    page = %{training_runs: [@run], cursor: %{offset: 0, limit: 20, total_count: 3}}
    config = config(fn _, _, _ -> FakeServer.json(page) end)
    assert {0, table, ""} = Cli.run(["run", "list", "--limit", "1"], config: config)
    assert table =~ ~r/1 training run \(2 more not shown.*\nRun ID.*Owner.*\n-.*\nr .*m\/B.*Rank 8.*2 hours ago.*No/s
    assert {0, json, ""} = Cli.run(["-f", "json", "run", "list", "--limit", "1"], config: config)
    assert %{"runs" => [%{"training_run_id" => "r", "lora_rank" => 8}]} = JSON.decode!(json)
  end

  test "errors for people, and exit codes" do
    config = config(fn _, _, _ -> FakeServer.json(%{detail: "no such run"}, 404) end)

    assert {1, "", "Error: Resource not found\nDetails: Error code: 404 - {'detail': 'no such run'}\n"} ==
             Cli.run(["run", "info", "r"], config: config)

    assert {1, "", "Error: Invalid checkpoint path: bad" <> _} = Cli.run(["checkpoint", "info", "bad"], config: config)
    assert {2, "", _} = Cli.run(["run", "dance"], config: config)
    assert {2, "", _} = Cli.run(["run", "list", "--limit", "many"], config: config)
    assert {1, "", "Error: no API key" <> _} = Cli.run(["run", "list"], config: fn -> Config.new([], %{}) end)
  end

  test "nothing is deleted that nobody has confirmed" do
    config = config(fn _, _, _ -> {200, [], ""} end)
    path = "tinker://r/weights/ck"
    assert {0, "Nothing was deleted.\n", ""} = Cli.run(["checkpoint", "delete", path], config: config)
    refute_received {:request, _, _, _}
    assert {0, "", ""} = Cli.run(["checkpoint", "delete", path, "-y"], config: config)
    assert_received {:request, :DELETE, "/api/v1/training_runs/r/checkpoints/weights/ck", ""}
  end

  test "sizes" do
    assert Enum.map([0, 1023, 2048, 1280, 5 * 1024 ** 3], &Text.size/1) == [
             "0 B",
             "1023 B",
             "2.0 KB",
             "1.2 KB",
             "5.0 GB"
           ]
  end

  defp config(answer) do
    config =
      Config.new([base_url: FakeServer.start(answer), api_key: "k", clock: StillClock.new(), max_retries: 0], %{})

    fn -> config end
  end
end
