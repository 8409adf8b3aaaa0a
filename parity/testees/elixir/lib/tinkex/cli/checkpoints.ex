defmodule Tinkex.Cli.Checkpoints do
  @moduledoc "The commands about checkpoints."

  alias Tinker.Checkpoint
  alias Tinker.Wire.{Codec, Timestamp}
  alias Tinkex.Cli.{Json, Table, Text}
  alias Tinkex.{Pages, RestClient, TinkerPath, UsageError}

  @batch 1000
  @default_limit 20

  @doc "`checkpoint list`"
  def list(config, call) do
    case call.given[:run_id] do
      nil ->
        fetch = fn limit, offset ->
          with {:ok, page} <- RestClient.user_checkpoints(config, limit, offset) do
            {:ok, page.checkpoints, page.cursor.total_count}
          end
        end

        with {:ok, checkpoints, total} <- Pages.all(fetch, call.given[:limit] || @default_limit, @batch) do
          {:ok, listed(checkpoints, total, %{}, config, call)}
        end

      run ->
        with {:ok, page} <- RestClient.checkpoints(config, run) do
          {:ok, listed(page.checkpoints, length(page.checkpoints), %{run_id: run}, config, call)}
        end
    end
  end

  @doc "`checkpoint info`"
  def info(config, call, path) do
    with {:ok, parsed} <- parse(path), {:ok, page} <- RestClient.checkpoints(config, parsed.run) do
      case Enum.find(page.checkpoints, &(&1.tinker_path == path)) do
        nil -> {:error, {"Checkpoint not found: #{path}", "Its run has #{length(page.checkpoints)} checkpoints."}}
        one when call.json -> {:ok, Json.render(json(one, config))}
        one -> {:ok, names() |> Enum.zip(row(one, config)) |> Table.properties(call.columns)}
      end
    end
  end

  @doc "`checkpoint publish`"
  def publish(config, _, path), do: silent(path, &RestClient.publish(config, &1))

  @doc "`checkpoint unpublish`"
  def unpublish(config, _, path), do: silent(path, &RestClient.unpublish(config, &1))

  @doc "`checkpoint delete`"
  def delete(config, call, path) do
    confirm = Keyword.get(call.options, :confirm, fn _ -> false end)

    with {:ok, _} <- parse(path) do
      if call.given[:yes] || confirm.("Delete #{path} for good?"),
        do: silent(path, &RestClient.delete(config, &1)),
        else: {:ok, "Nothing was deleted.\n"}
    end
  end

  defp silent(path, action) do
    with {:ok, _} <- parse(path), :ok <- action.(path), do: {:ok, ""}
  end

  defp parse(path) do
    {:ok, TinkerPath.parse!(path)}
  rescue
    UsageError ->
      {:error,
       {"Invalid checkpoint path: #{path}", "Checkpoint path must be in the format: tinker://run-id/weights/0001"}}
  end

  defp listed(checkpoints, _, more, config, %{json: true}) do
    Json.render(Map.put(more, :checkpoints, Enum.map(checkpoints, &json(&1, config))))
  end

  defp listed(checkpoints, total, _, config, call) do
    title = Text.title("checkpoint", length(checkpoints), total)
    Table.render(title, names(), Enum.map(checkpoints, &row(&1, config)), call.columns)
  end

  defp json(checkpoint, config), do: Codec.encode(Checkpoint, checkpoint, config.policy.wire)

  defp names, do: ["Checkpoint ID", "Type", "Size", "Public", "Created", "Path"]

  defp row(checkpoint, config) do
    size = if is_integer(checkpoint.size_bytes), do: checkpoint.size_bytes
    created = checkpoint.time |> Timestamp.encode() |> Text.time(Text.now(config))
    public = if checkpoint.public == true, do: "Yes", else: "No"
    type = Atom.to_string(checkpoint.checkpoint_type)
    [checkpoint.checkpoint_id, type, Text.size(size), public, created, checkpoint.tinker_path]
  end
end
