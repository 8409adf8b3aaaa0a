defmodule Tinkex.Url do
  @moduledoc "Where requests go."

  @type arrays :: :comma | :repeat | :brackets
  @type objects :: :dots | :brackets

  @doc "A path below a base URL, whose own path stays; a whole URL is left as it is."
  @spec join(String.t(), String.t()) :: String.t()
  def join(base, path) do
    if path =~ ~r"\A[a-z][a-z0-9+.-]*://"i,
      do: path,
      else: String.trim_trailing(base, "/") <> "/" <> String.trim_leading(path, "/")
  end

  @doc """
  A query as forms have it: a blank is "+". Values that are nil or empty are left out; lists and objects are written as asked.
  """
  @spec query(Enumerable.t(), arrays(), objects()) :: String.t()
  def query(params, arrays \\ :repeat, objects \\ :brackets) do
    params
    |> Enum.flat_map(fn {key, value} -> items(to_string(key), value, arrays, objects) end)
    |> Enum.map_join("&", fn {key, text} -> URI.encode_www_form(key) <> "=" <> URI.encode_www_form(text) end)
  end

  # An object is a map, or its pairs in order.
  defp items(key, [{_, _} | _] = pairs, arrays, objects), do: object(key, pairs, arrays, objects)
  defp items(key, map, arrays, objects) when is_map(map), do: object(key, map, arrays, objects)

  defp items(key, list, :comma, _) when is_list(list) do
    [{key, list |> Enum.reject(&is_nil/1) |> Enum.map_join(",", &text/1)}]
  end

  defp items(key, list, :repeat, objects) when is_list(list), do: Enum.flat_map(list, &items(key, &1, :repeat, objects))

  defp items(key, list, :brackets, objects) when is_list(list) do
    Enum.flat_map(list, &items(key <> "[]", &1, :brackets, objects))
  end

  defp items(key, value, _, _) do
    case text(value) do
      "" -> []
      text -> [{key, text}]
    end
  end

  defp object(key, pairs, arrays, objects) do
    Enum.flat_map(pairs, fn {name, value} -> items(below(key, name, objects), value, arrays, objects) end)
  end

  defp below(key, name, :dots), do: "#{key}.#{name}"
  defp below(key, name, :brackets), do: "#{key}[#{name}]"

  defp text(nil), do: ""
  defp text(value), do: to_string(value)
end
