defmodule Tinker.Wire.Union do
  @moduledoc """
  One of several forms. With `tag`, the key whose literal tells the arms apart; where that is missing their form does, if the
  union may be `untagged`. Without it the first arm that accepts a value wins.

      defmodule Tinker.ModelInputChunk do
        use Tinker.Wire.Union, tag: "type", untagged: true

        arm Tinker.EncodedTextChunk
        arm Tinker.DmelChunk, only: [:"tinker-0.38"]
      end
  """

  alias Tinker.Wire.{Codec, Error}

  defmacro __using__(options) do
    quote do
      import unquote(__MODULE__), only: [arm: 1, arm: 2]
      @behaviour Codec
      @options unquote(options)
      @before_compile unquote(__MODULE__)
      Module.register_attribute(__MODULE__, :arms, accumulate: true)
    end
  end

  defmacro arm(type, options \\ []) do
    quote do
      @arms {unquote(type), unquote(options)[:only]}
    end
  end

  defmacro __before_compile__(_) do
    quote do
      @all_arms Enum.reverse(@arms)

      @impl true
      def decode(path, json, dialect), do: unquote(__MODULE__).decode(@all_arms, @options, path, json, dialect)

      @impl true
      def encode(%module{} = message, dialect), do: Codec.encode(module, message, dialect)
      def encode(plain, _), do: plain
    end
  end

  @doc false
  def decode(arms, options, path, json, dialect) do
    types = for {type, only} <- arms, only == nil or dialect.name in only, do: type

    case options[:tag] do
      nil -> by_form(types, path, json, dialect)
      tag when is_map_key(json, tag) -> by_tag(types, tag, path, json, dialect)
      tag when is_map(json) -> untagged(types, options, tag, path, json, dialect)
      _ -> Error.expected(path, "an object", json)
    end
  end

  defp untagged(types, options, tag, path, json, dialect) do
    if options[:untagged] do
      by_form(types, path, json, dialect)
    else
      raise Error, path: "#{path}.#{tag}", reason: "missing"
    end
  end

  defp by_tag(types, tag, path, json, dialect) do
    case Enum.find(types, &(&1.literal() == {tag, json[tag]})) do
      nil -> Error.expected("#{path}.#{tag}", "one of #{Enum.map_join(types, ", ", &elem(&1.literal(), 1))}", json[tag])
      type -> Codec.decode(type, path, json, dialect)
    end
  end

  defp by_form([], path, json, _), do: Error.expected(path, "one of the forms", json)

  defp by_form([type | others], path, json, dialect) do
    Codec.decode(type, path, json, dialect)
  rescue
    Error -> by_form(others, path, json, dialect)
  end
end
