defmodule Tinkex.PythonText do
  @moduledoc "JSON of `Tinkex.OrderedJson` as Python prints it: error messages of all clients read alike."

  @doc ~S([nil] is "[None]".)
  @spec repr(Tinkex.OrderedJson.t()) :: String.t()
  def repr(nil), do: "None"
  def repr(true), do: "True"
  def repr(false), do: "False"
  def repr({:object, pairs}), do: "{" <> Enum.map_join(pairs, ", ", fn {k, v} -> "#{repr(k)}: #{repr(v)}" end) <> "}"
  def repr(list) when is_list(list), do: "[" <> Enum.map_join(list, ", ", &repr/1) <> "]"
  def repr(text) when is_binary(text), do: quoted(text, if(text =~ "'" and not (text =~ ~S(")), do: ?", else: ?'))
  def repr(number), do: to_string(number)

  defp quoted(text, quote) do
    escaped = for char <- String.to_charlist(text), into: "", do: escape(char, quote)
    <<quote, escaped::binary, quote>>
  end

  defp escape(?\\, _), do: "\\\\"
  defp escape(?\n, _), do: "\\n"
  defp escape(?\r, _), do: "\\r"
  defp escape(?\t, _), do: "\\t"
  defp escape(quote, quote), do: <<?\\, quote>>
  defp escape(char, _), do: <<char::utf8>>
end
