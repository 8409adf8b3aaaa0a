defmodule Tinker.Wire.Message do
  @moduledoc """
  Makes a struct that can be read from JSON and written to it.

      defmodule Tinker.LoadWeightsRequest do
        use Tinker.Wire.Message, literal: {"type", "load_weights"}

        field :path, :string
        field :seq_id, :int64, presence: :omit_or_null
      end

  A field holds its value, `nil` for null, or `:unset`. Options of `use`: `unknown` (`:forbid`, `:ignore` or `:keep`, which
  adds the field `extra`), `literal` and `required: true` for a literal that must be there and that every dialect writes, and
  `one_of` for fields (`presence: :one_of`) of which exactly one is there.
  Options of `field`: see `Tinker.Wire.Rule`.
  """

  alias Tinker.Wire.{Codec, Error, Rule}

  defmacro __using__(options) do
    quote do
      import unquote(__MODULE__), only: [field: 2, field: 3]
      @behaviour Codec
      @options unquote(options)
      @before_compile unquote(__MODULE__)
      Module.register_attribute(__MODULE__, :rules, accumulate: true)
    end
  end

  defmacro field(name, type, options \\ []) do
    quote do
      @rules struct!(Rule, [name: unquote(name), type: unquote(type)] ++ unquote(options))
    end
  end

  defmacro __before_compile__(_) do
    quote do
      @fields Enum.reverse(@rules)
      defstruct Enum.map(@fields, &{&1.name, :unset}) ++ if(@options[:unknown] == :keep, do: [extra: %{}], else: [])
      @type t :: %__MODULE__{}

      @impl true
      def decode(path, json, dialect),
        do: unquote(__MODULE__).decode(%__MODULE__{}, @fields, @options, path, json, dialect)

      @impl true
      def encode(message, dialect), do: unquote(__MODULE__).encode(message, @fields, @options, dialect)

      @doc false
      def literal, do: @options[:literal]
    end
  end

  @doc false
  def decode(message, rules, options, path, %{} = json, dialect) do
    rest = check_literal(options[:literal], options[:required], path, json)

    {message, rest} =
      for rule <- rules, Rule.exists?(rule, dialect), reduce: {message, rest} do
        {message, rest} ->
          key = Atom.to_string(rule.name)
          value = read(rule, "#{path}.#{key}", Map.get(json, key, :unset), dialect)
          {Map.replace!(message, rule.name, value), Map.delete(rest, key)}
      end

    check_one_of(options[:one_of], path, message)

    case {options[:unknown] || :forbid, Map.keys(rest)} do
      {:forbid, [key | _]} -> raise Error, path: "#{path}.#{key}", reason: "unknown key"
      {:keep, _} -> %{message | extra: rest}
      _ -> message
    end
  end

  def decode(_, _, _, path, json, _), do: Error.expected(path, "an object", json)

  @doc false
  def encode(message, rules, options, dialect) do
    written =
      for rule <- rules, Rule.exists?(rule, dialect), {:ok, value} <- [write(rule, message, dialect)], into: %{} do
        {Atom.to_string(rule.name), value}
      end

    literal =
      case options[:literal] do
        {key, value} -> if options[:required] || dialect.write_literals, do: %{key => value}, else: %{}
        nil -> %{}
      end

    message |> Map.get(:extra, %{}) |> Map.merge(written) |> Map.merge(literal)
  end

  defp check_literal(nil, _, _, json), do: json

  defp check_literal({key, value}, required, path, json) do
    case Map.pop(json, key, :unset) do
      {^value, rest} -> rest
      {:unset, rest} when required != true -> rest
      {:unset, _} -> raise Error, path: "#{path}.#{key}", reason: "missing"
      {other, _} -> Error.expected("#{path}.#{key}", inspect(value), other)
    end
  end

  defp check_one_of(nil, _, _), do: :ok

  defp check_one_of(names, path, message) do
    case Enum.count(names, &(Map.fetch!(message, &1) not in [:unset, nil])) do
      1 -> :ok
      count -> Error.expected(path, "one of #{Enum.join(names, ", ")}", count)
    end
  end

  defp read(rule, path, :unset, dialect) do
    if Rule.required?(rule, dialect), do: raise(Error, path: path, reason: "missing"), else: :unset
  end

  defp read(rule, path, value, dialect) do
    if value == nil and Rule.nullable?(rule, dialect), do: nil, else: Codec.decode(rule.type, path, value, dialect)
  end

  defp write(rule, message, dialect) do
    case Map.fetch!(message, rule.name) do
      :unset -> present(Rule.when_unset(rule, dialect))
      nil when rule.type != :json -> present(Rule.when_null(dialect))
      value -> {:ok, Codec.encode(rule.type, value, dialect)}
    end
  end

  defp present(:unset), do: :unset
  defp present(value), do: {:ok, value}
end
