defmodule Tinkex.Testee.Rejection do
  @moduledoc "The client refused what it was asked: `kind` as docs/cases.md names it, `path` a JSON path in the input."

  defexception [:reason, :kind, :path]

  @impl true
  def message(%{reason: reason}), do: reason
end
