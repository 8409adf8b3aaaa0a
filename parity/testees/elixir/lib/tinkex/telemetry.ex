defmodule Tinkex.Telemetry do
  @moduledoc """
  Events inside this node, as the library `telemetry` has them: `[:tinkex, :http, :request, :stop]`, `[:tinkex, :retry]`,
  `[:tinkex, :queue, :state_change]`, `[:tinkex, :training, :forward_backward, :stop]`, `[:tinkex, :sampling, :sample, :stop]` …
  """

  require Logger

  @type event :: [atom()]
  @type handler :: (event(), measurements :: map(), metadata :: map() -> term())

  @doc false
  def start, do: :ets.new(__MODULE__, [:named_table, :public, :bag, read_concurrency: true])

  @doc "Calls the handler for each event of that name, in the process where it happens."
  @spec attach(term(), event(), handler()) :: :ok
  def attach(id, event, handler) do
    :ets.insert(__MODULE__, {event, id, handler})
    :ok
  end

  @spec detach(term()) :: :ok
  def detach(id) do
    :ets.match_delete(__MODULE__, {:_, id, :_})
    :ok
  end

  @spec execute(event(), map(), map()) :: :ok
  def execute(event, measurements, metadata) do
    for {_, id, handler} <- :ets.lookup(__MODULE__, event),
        do: safely(id, fn -> handler.(event, measurements, metadata) end)

    :ok
  end

  # Who only watches stops nothing; one that broke is not called again.
  defp safely(id, fun) do
    fun.()
  rescue
    error ->
      detach(id)
      Logger.error("a handler of telemetry broke and is detached: #{Exception.message(error)}")
  end
end
