defmodule Tinker.Wire.StrictJson do
  @moduledoc "JSON text to terms: what `JSON.decode/1` gives, but keys that stand twice and depth beyond 100 are refused."

  alias Tinker.Wire.Error

  @max_depth 100

  @doc "Reads exactly one JSON text. `float` makes a term of the text of a number that is no integer."
  @spec parse(binary(), (String.t() -> term())) :: term()
  def parse(data, float \\ &String.to_float/1) do
    decoders = [
      array_start: &deeper/1,
      array_push: fn item, {depth, items} -> {depth, [item | items]} end,
      array_finish: fn {_, items}, parent -> {Enum.reverse(items), parent} end,
      object_start: &deeper/1,
      object_push: &push/3,
      object_finish: fn {_, entries}, parent -> {Map.new(entries), parent} end,
      float: float
    ]

    case JSON.decode(data, {0, []}, decoders) do
      {value, _, rest} -> if blank?(rest), do: value, else: raise(Error, path: "$", reason: "text after the JSON value")
      {:error, reason} -> raise Error, path: "$", reason: "not JSON: #{inspect(reason)}"
    end
  rescue
    ArgumentError -> reraise Error, [path: "$", reason: "a number that is too large"], __STACKTRACE__
  end

  defp deeper({@max_depth, _}), do: raise(Error, path: "$", reason: "nested deeper than #{@max_depth}")
  defp deeper({depth, _}), do: {depth + 1, []}

  defp push(key, value, {depth, entries}) do
    if List.keymember?(entries, key, 0), do: raise(Error, path: "$", reason: "the key #{inspect(key)} stands twice")
    {depth, [{key, value} | entries]}
  end

  defp blank?(rest), do: rest =~ ~r"\A[ \t\r\n]*\z"
end
