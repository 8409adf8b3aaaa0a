defmodule Tinker.Wire.Error do
  @moduledoc "Tells where a JSON text breaks which rule."

  defexception [:path, :reason]

  @impl true
  def message(%{path: path, reason: reason}), do: "#{path}: #{reason}"

  @doc "Raises that something else was expected."
  @spec expected(String.t(), String.t(), term()) :: no_return()
  def expected(path, expected, got) do
    raise __MODULE__, path: path, reason: "expected #{expected}, got #{inspect(got, limit: 5, printable_limit: 40)}"
  end
end
