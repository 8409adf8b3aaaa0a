defmodule Tinkex.SamplingRegistry do
  @moduledoc "What samples need to know of their client, readable by every process; an entry goes when its client does."
  use GenServer

  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "Enters the calling process."
  @spec register(map()) :: :ok
  def register(entry), do: GenServer.call(__MODULE__, {:register, self(), entry})

  @doc "The entry of a client, or nil where it has gone."
  @spec lookup(pid()) :: map() | nil
  def lookup(pid) do
    case :ets.lookup(__MODULE__, pid) do
      [{_, entry}] -> entry
      [] -> nil
    end
  end

  @impl true
  def init(_), do: {:ok, :ets.new(__MODULE__, [:named_table, read_concurrency: true])}

  @impl true
  def handle_call({:register, pid, entry}, _, table) do
    Process.monitor(pid)
    :ets.insert(table, {pid, entry})
    {:reply, :ok, table}
  end

  @impl true
  def handle_info({:DOWN, _, :process, pid, _}, table) do
    :ets.delete(table, pid)
    {:noreply, table}
  end
end
