defmodule Tinkex.DispatchLimit do
  @moduledoc "Lets so many through at a time; the others wait in line. Who dies inside makes room."
  use GenServer

  @spec start_link(pos_integer()) :: GenServer.on_start()
  def start_link(most), do: GenServer.start_link(__MODULE__, most)

  @doc "Calls the function once there is room."
  @spec run(pid(), (-> result)) :: result when result: term()
  def run(limit, fun) do
    ref = GenServer.call(limit, :enter, :infinity)

    try do
      fun.()
    after
      GenServer.cast(limit, {:leave, ref})
    end
  end

  @impl true
  def init(most), do: {:ok, %{room: most, waiting: :queue.new()}}

  @impl true
  def handle_call(:enter, from, %{room: 0} = state), do: {:noreply, %{state | waiting: :queue.in(from, state.waiting)}}
  def handle_call(:enter, {pid, _}, state), do: {:reply, Process.monitor(pid), %{state | room: state.room - 1}}

  @impl true
  def handle_cast({:leave, ref}, state) do
    Process.demonitor(ref, [:flush])
    {:noreply, next(state)}
  end

  @impl true
  def handle_info({:DOWN, _, :process, _, _}, state), do: {:noreply, next(state)}

  # One who died in line is let in, and leaves at once.
  defp next(state) do
    case :queue.out(state.waiting) do
      {{:value, {pid, _} = from}, waiting} ->
        GenServer.reply(from, Process.monitor(pid))
        %{state | waiting: waiting}

      {:empty, _} ->
        %{state | room: state.room + 1}
    end
  end
end
