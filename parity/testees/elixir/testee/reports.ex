defmodule Tinkex.Testee.Reports do
  @moduledoc "What the client would report about itself."

  alias Tinkex.{Category, Error, Policy}
  alias Tinkex.Telemetry.Event

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

  defp error(%{"kind" => "status", "status" => status}, _), do: Error.status(status, "")

  defp error(%{"kind" => "request_failed"} = described, policy) do
    %Error{kind: :request_failed, message: "failed", category: Category.parse(described["category"], policy)}
  end

  defp error(%{"kind" => kind, "cause" => cause}, policy), do: %Other{message: kind, cause: error(cause, policy)}

  defp error(%{"kind" => kind}, _) when kind in ~w(connection timeout validation usage) do
    %Error{kind: String.to_existing_atom(kind), message: kind}
  end

  defp error(%{"kind" => kind}, _), do: %Other{message: kind}
end
