defmodule Tinkex.Telemetry.Queue do
  @moduledoc "Events of a session that wait to be sent: numbered from 0 as they are made, at most 10,000, in batches of 100."

  @most_waiting 10_000
  @batch 100

  defstruct events: [], waiting: 0, next_index: 0, dropped: 0

  @type t :: %__MODULE__{}

  @doc "Adds the event that `make` makes of its number; where there is no room it is dropped, and keeps its number."
  @spec add(t(), (non_neg_integer() -> term())) :: t()
  def add(%{waiting: @most_waiting} = queue, _) do
    %{queue | next_index: queue.next_index + 1, dropped: queue.dropped + 1}
  end

  def add(queue, make) do
    event = make.(queue.next_index)
    %{queue | events: [event | queue.events], waiting: queue.waiting + 1, next_index: queue.next_index + 1}
  end

  @doc "All that waits, in batches, and the queue without it."
  @spec take(t()) :: {[[term()]], t()}
  def take(queue) do
    {queue.events |> Enum.reverse() |> Enum.chunk_every(@batch), %{queue | events: [], waiting: 0}}
  end
end
