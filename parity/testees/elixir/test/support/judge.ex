defmodule Tinker.Judge do
  @moduledoc "What this client makes of one fixture."

  alias Tinker.Corpus
  alias Tinker.Wire.{Codec, Error, StrictJson}

  @doc "Reads the fixture as a message, writes it again, and compares. `:pass`, or `{:fail, detail}`."
  def judge(fixture, module, dialect) do
    case {fixture["expect"], round_trip(fixture, module, dialect)} do
      {"reject", {:error, _}} -> :pass
      {"reject", {:ok, text}} -> fail(fixture, "#{fixture["path"]}: expected it to be refused, got #{text}")
      {_, {:error, error}} -> fail(fixture, "expected it to be read, got the error #{Exception.message(error)}")
      {"accept", {:ok, text}} -> compare(fixture, Corpus.input(fixture), text)
      {"normalise", {:ok, text}} -> compare(fixture, fixture["becomes"], text)
    end
  end

  @doc "Where two values first differ, by the rules of the corpus; nil where they are equal."
  def difference(path, %{} = expected, %{} = got) do
    keys = Enum.uniq(Map.keys(expected) ++ Map.keys(got))
    Enum.find_value(keys, &difference("#{path}.#{&1}", Map.get(expected, &1, :nothing), Map.get(got, &1, :nothing)))
  end

  def difference(path, expected, got) when is_list(expected) and is_list(got) and length(expected) == length(got) do
    [expected, got]
    |> Enum.zip()
    |> Enum.with_index()
    |> Enum.find_value(fn {{left, right}, index} -> difference("#{path}[#{index}]", left, right) end)
  end

  def difference(path, expected, got) do
    if value(expected) != value(got), do: "#{path}: expected #{inspect(expected)}, got #{inspect(got)}"
  end

  @doc "A JSON text whose numbers are compared by their value: floats stay text."
  def parse(text), do: StrictJson.parse(text, &{:number, &1})

  defp round_trip(fixture, module, dialect) do
    {:ok, Codec.to_wire(module, Codec.from_wire(module, Corpus.input(fixture), dialect), dialect)}
  rescue
    error in Error -> {:error, error}
  end

  defp compare(fixture, expected, got) do
    case difference("$", parse(expected), parse(got)) do
      nil -> :pass
      detail -> fail(fixture, detail)
    end
  end

  defp fail(fixture, detail), do: {:fail, "#{detail} (#{fixture["why"]})"}

  # One spelling for every number of the same value: digits without zeros at the end, and a power of ten.
  defp value(integer) when is_integer(integer), do: value({:number, Integer.to_string(integer)})

  defp value({:number, text}) do
    [mantissa | exponent] = text |> String.downcase() |> String.split("e")
    [whole | fraction] = String.split(mantissa, ".")
    fraction = List.first(fraction, "")
    power = exponent |> List.first("0") |> String.trim_leading("+") |> String.to_integer()
    shorten(String.to_integer(whole <> fraction), power - String.length(fraction))
  end

  defp value(other), do: other

  defp shorten(0, _), do: {:number, 0, 0}
  defp shorten(digits, power) when rem(digits, 10) == 0, do: shorten(div(digits, 10), power + 1)
  defp shorten(digits, power), do: {:number, digits, power}
end
