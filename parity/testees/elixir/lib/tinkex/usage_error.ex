defmodule Tinkex.UsageError do
  @moduledoc "The caller, or the server, gave something that the client cannot work with. `kind` names it for programs."

  defexception [:kind, :reason]

  @type t :: %__MODULE__{kind: String.t(), reason: String.t()}

  @impl true
  def message(%{reason: reason}), do: reason
end
