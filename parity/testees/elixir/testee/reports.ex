defmodule Tinkex.Testee.Reports do
  @moduledoc "What the client would report about itself."

  alias Tinkex.{Category, Error, Policy}
  alias Tinkex.Telemetry.{Event, Queue}

  defmodule Other do
    @moduledoc "An error that is none of the client's, with its cause."
    defexception [:cause, message: "other"]
  end

  @doc "The event for an error as cases describe it."
  @spec exception(map(), Policy.t()) :: map()
  def exception(described, policy) do
    {event, severity, name} = described |> error(policy) |> Event.of_error()
    Map.reject(%{event: event, severity: severity, event_name: name}, fn {_, value} -> value == nil end)
  end

  @doc "How many events go into each request."
  @spec batches(non_neg_integer()) :: map()
  def batches(count) do
    queue = Enum.reduce(1..count//1, %Queue{}, fn _, queue -> Queue.add(queue, & &1) end)
    {batches, queue} = Queue.take(queue)
    %{batches: Enum.map(batches, &length/1), dropped: queue.dropped}
  end

  @doc "The numbers of a session's events."
  @spec indices([String.t()]) :: [non_neg_integer()]
  def indices(events) do
    {batches, _} = events |> Enum.reduce(%Queue{}, fn _, queue -> Queue.add(queue, & &1) end) |> Queue.take()
    Enum.concat(batches)
  end

  defp error(nil, _), do: nil

  defp error(%{"cause" => cause} = described, policy) do
    %{(described |> Map.delete("cause") |> error(policy)) | cause: error(cause, policy)}
  end

  defp error(%{"kind" => "status", "status" => status}, _), do: Error.status(status, "")

  defp error(%{"kind" => "request_failed"} = described, policy) do
    %Error{kind: :request_failed, message: "failed", category: Category.parse(described["category"], policy)}
  end

  # By name: a module that nobody called yet has not brought its atoms.
  @kinds %{"connection" => :connection, "timeout" => :timeout, "validation" => :validation, "usage" => :usage}

  defp error(%{"kind" => kind}, _) when is_map_key(@kinds, kind), do: %Error{kind: @kinds[kind], message: kind}

  defp error(%{"kind" => kind}, _), do: %Other{message: kind}
end
