defmodule Tinkex.Cli.Runs do
  @moduledoc "The commands about training runs."

  alias Tinker.TrainingRun
  alias Tinker.Wire.{Codec, Timestamp}
  alias Tinkex.Cli.{Json, Table, Text}
  alias Tinkex.{Pages, RestClient}

  @batch 100
  @default_limit 20

  @doc "`run list`"
  def list(config, call) do
    fetch = fn limit, offset ->
      with {:ok, page} <- RestClient.training_runs(config, limit, offset) do
        {:ok, page.training_runs, page.cursor.total_count}
      end
    end

    with {:ok, runs, total} <- Pages.all(fetch, call.given[:limit] || @default_limit, @batch) do
      if call.json,
        do: {:ok, Json.render(%{runs: Enum.map(runs, &json(&1, config))})},
        else: {:ok, table(runs, total, config, call)}
    end
  end

  @doc "`run info`"
  def info(config, call, id) do
    with {:ok, run} <- RestClient.training_run(config, id) do
      if call.json,
        do: {:ok, Json.render(json(run, config))},
        else: {:ok, Table.properties(properties(run, config), call.columns)}
    end
  end

  defp json(run, config), do: Codec.encode(TrainingRun, run, config.policy.wire)

  defp table(runs, total, config, call) do
    names = ["Run ID", "Base Model", "Owner", "LoRA", "Last Update", "Corrupted"]

    rows =
      for run <- runs do
        [
          run.training_run_id,
          run.base_model,
          run.model_owner,
          lora(run),
          updated(run, config),
          yes_no(run.corrupted == true)
        ]
      end

    Table.render(Text.title("training run", length(runs), total), names, rows, call.columns)
  end

  defp properties(run, config) do
    [
      {"Run ID", run.training_run_id},
      {"Base Model", run.base_model},
      {"Owner", run.model_owner},
      {"LoRA", lora(run)},
      {"Last Update", updated(run, config)},
      {"Status", if(run.corrupted == true, do: "Corrupted", else: "Active")}
    ]
  end

  defp lora(%{is_lora: true, lora_rank: rank}) when is_integer(rank), do: "Rank #{rank}"
  defp lora(%{is_lora: is_lora}), do: yes_no(is_lora)

  defp updated(run, config), do: run.last_request_time |> Timestamp.encode() |> Text.time(Text.now(config))

  defp yes_no(true), do: "Yes"
  defp yes_no(false), do: "No"
end
