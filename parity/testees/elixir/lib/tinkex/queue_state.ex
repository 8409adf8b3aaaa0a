defmodule Tinkex.QueueState do
  @moduledoc "Why the server does not work on a request yet, and what is told to those who want to know."

  @type t :: :active | :paused_capacity | :paused_rate_limit | :unknown

  @doc "Called when a poll tells the state of the queue."
  @callback on_queue_state_change(t(), metadata :: map()) :: term()

  @states %{"active" => :active, "paused_capacity" => :paused_capacity, "paused_rate_limit" => :paused_rate_limit}

  @spec parse(term()) :: t()
  def parse(text), do: Map.get(@states, text, :unknown)

  @doc "For people: why training or sampling stands still."
  @spec reason(t()) :: String.t()
  def reason(:paused_capacity), do: "out of capacity"
  def reason(:paused_rate_limit), do: "concurrent models rate limit hit"
  def reason(_), do: "unknown"
end
