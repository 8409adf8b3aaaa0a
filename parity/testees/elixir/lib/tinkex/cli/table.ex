defmodule Tinkex.Cli.Table do
  @moduledoc "Tables for people."

  @doc "A title, a line of names, and rows; lines end at `columns`."
  @spec render(String.t(), [String.t()], [[String.t()]], pos_integer()) :: String.t()
  def render(title, names, rows, columns) do
    widths = [names | rows] |> Enum.zip_with(fn cells -> cells |> Enum.map(&String.length/1) |> Enum.max() end)
    rule = Enum.map_join(widths, "  ", &String.duplicate("-", &1))
    lines = [title, line(names, widths), rule | Enum.map(rows, &line(&1, widths))]
    Enum.map_join(lines, &(&1 |> String.trim_trailing() |> String.slice(0, columns) |> Kernel.<>("\n")))
  end

  @doc "One thing, property by property."
  @spec properties([{String.t(), String.t()}], pos_integer()) :: String.t()
  def properties(pairs, columns), do: render("", ["Property", "Value"], Enum.map(pairs, &Tuple.to_list/1), columns)

  defp line(cells, widths), do: Enum.zip_with(cells, widths, &String.pad_trailing/2) |> Enum.join("  ")
end
