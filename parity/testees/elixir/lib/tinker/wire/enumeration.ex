defmodule Tinker.Wire.Enumeration do
  @moduledoc """
  Atoms that are strings on the wire: `use Tinker.Wire.Enumeration, values: [length: "length"]`.

  Options: `only` limits values to dialects (`[cispo: [:"tinker-0.38"]]`), `fallback` is what any other string is read as,
  and `fold` lists the dialects that fold case.
  """

  alias Tinker.Wire.{Codec, Error}

  defmacro __using__(options) do
    quote do
      @behaviour Codec
      @options unquote(options)

      @impl true
      def decode(path, json, dialect), do: unquote(__MODULE__).decode(@options, path, json, dialect)

      @impl true
      def encode(atom, _), do: Keyword.fetch!(@options[:values], atom)
    end
  end

  @doc false
  def decode(options, path, json, dialect) when is_binary(json) do
    only = Keyword.get(options, :only, [])
    known = Enum.filter(options[:values], fn {atom, _} -> dialect.name in Keyword.get(only, atom, [dialect.name]) end)
    text = if dialect.name in Keyword.get(options, :fold, []), do: String.downcase(json), else: json

    case {List.keyfind(known, text, 1), options[:fallback]} do
      {{atom, _}, _} -> atom
      {nil, nil} -> Error.expected(path, "one of #{Enum.map_join(known, ", ", &elem(&1, 1))}", json)
      {nil, fallback} -> fallback
    end
  end

  def decode(_, path, json, _), do: Error.expected(path, "a string", json)
end
