defmodule Tinkex.Cli.Json do
  @moduledoc "JSON for programs that people read along with."

  @doc "Indented by two, with a line's end."
  @spec render(term()) :: String.t()
  def render(json), do: json |> nulls() |> :json.format() |> IO.iodata_to_binary()

  # Erlang's null.
  defp nulls(nil), do: :null
  defp nulls(map) when is_map(map), do: Map.new(map, fn {key, value} -> {key, nulls(value)} end)
  defp nulls(list) when is_list(list), do: Enum.map(list, &nulls/1)
  defp nulls(other), do: other
end
