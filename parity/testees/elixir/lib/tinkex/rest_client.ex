defmodule Tinkex.RestClient do
  @moduledoc "Training runs and checkpoints, looked at from outside. A config is all it needs: there is no session."

  alias Tinker.{CheckpointArchiveUrlResponse, CheckpointsListResponse, TrainingRun, TrainingRunsResponse}
  alias Tinkex.{Api, Config, Error, HttpDate, TinkerPath, UsageError}

  @type result(type) :: {:ok, type} | {:error, Error.t()}

  @archive_for_s 15 * 60

  @doc "A page of training runs."
  @spec training_runs(Config.t(), pos_integer(), non_neg_integer()) :: result(TrainingRunsResponse.t())
  def training_runs(config, limit \\ 20, offset \\ 0) do
    get(config, "/training_runs", TrainingRunsResponse, query: [limit: limit, offset: offset])
  end

  @doc "One training run."
  @spec training_run(Config.t(), String.t()) :: result(TrainingRun.t())
  def training_run(config, run), do: get(config, "/training_runs/#{segment(run)}", TrainingRun)

  @doc "All checkpoints of a run."
  @spec checkpoints(Config.t(), String.t()) :: result(CheckpointsListResponse.t())
  def checkpoints(config, run), do: get(config, "/training_runs/#{segment(run)}/checkpoints", CheckpointsListResponse)

  @doc "A page of all checkpoints of the user."
  @spec user_checkpoints(Config.t(), pos_integer(), non_neg_integer()) :: result(CheckpointsListResponse.t())
  def user_checkpoints(config, limit \\ 100, offset \\ 0) do
    get(config, "/checkpoints", CheckpointsListResponse, query: [limit: limit, offset: offset])
  end

  @doc "Where the archive of a checkpoint can be fetched: what the server would redirect to."
  @spec archive_url(Config.t(), String.t()) :: result(CheckpointArchiveUrlResponse.t())
  def archive_url(config, path) do
    options = [redirects: false, headers: %{"accept" => "application/gzip"}]

    with {:ok, below} <- below(path), {:ok, answer} <- Api.raw(config, :get, below <> "/archive", options) do
      case answer.headers["location"] do
        nil -> {:error, %Error{kind: :validation, status: answer.status, message: "the answer has no Location"}}
        url -> {:ok, %CheckpointArchiveUrlResponse{url: url, expires: expires(config, answer.headers["expires"])}}
      end
    end
  end

  @doc "Lets everybody use a checkpoint."
  @spec publish(Config.t(), String.t()) :: :ok | {:error, Error.t()}
  def publish(config, path), do: plain(config, :post, path, "/publish")

  @doc "Takes that back."
  @spec unpublish(Config.t(), String.t()) :: :ok | {:error, Error.t()}
  def unpublish(config, path), do: plain(config, :delete, path, "/publish")

  @doc "Deletes a checkpoint."
  @spec delete(Config.t(), String.t()) :: :ok | {:error, Error.t()}
  def delete(config, path), do: plain(config, :delete, path, "")

  defp get(config, path, type, options \\ []), do: Api.submit(config, fn -> Api.get(config, path, type, options) end)

  defp plain(config, method, path, action) do
    with {:ok, below} <- below(path), do: Api.submit(config, fn -> Api.plain(config, method, below <> action) end)
  end

  # The slash in a checkpoint's id stays as it is.
  defp below(path) do
    path = TinkerPath.parse!(path)
    {:ok, "/training_runs/#{segment(path.run)}/checkpoints/#{path.kind}/#{segment(path.name)}"}
  rescue
    error in UsageError -> {:error, %Error{kind: :usage, message: error.reason}}
  end

  defp segment(text), do: URI.encode(text, &(URI.char_unreserved?(&1) or &1 in ~c":@!$&'()*+,;="))

  defp expires(config, date) do
    (HttpDate.parse(date) || trunc(config.clock.date.()) + @archive_for_s) * 1_000_000_000
  end
end
