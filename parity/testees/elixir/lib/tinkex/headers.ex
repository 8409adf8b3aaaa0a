defmodule Tinkex.Headers do
  @moduledoc "Headers by lower-case name."

  @type t :: %{String.t() => String.t()}

  @doc "Later ones win, without regard to case; nil takes a header away."
  @spec merge([Enumerable.t()]) :: t()
  def merge(layers) do
    for layer <- layers, {name, value} <- layer, reduce: %{} do
      merged -> put(merged, String.downcase(name), value)
    end
  end

  defp put(merged, name, nil), do: Map.delete(merged, name)
  defp put(merged, name, value), do: Map.put(merged, name, value)
end
