defmodule Tinker.Wire.Codec do
  @moduledoc """
  Reads and writes the values of fields.

  Types: `:int32`, `:int64`, `{:int, range}`, `:float`, `{:float, least, most}`, `:string`, `:boolean`, `:bytes`, `:timestamp`, `:json`, `:object`,
  `{:list, type}`, `{:map, type}`, `{:nullable, type}`, and every module that implements this behaviour.
  """

  alias Tinker.Wire.{Dialect, Error, StrictJson, Timestamp}

  @callback decode(path :: String.t(), json :: term(), Dialect.t()) :: term()
  @callback encode(value :: term(), Dialect.t()) :: term()

  @int32 -0x80000000..0x7FFFFFFF
  @int64 -0x8000000000000000..0x7FFFFFFFFFFFFFFF

  @doc "The message in a JSON text; raises `Tinker.Wire.Error`."
  def from_wire(type, data, dialect), do: decode(type, "$", StrictJson.parse(data), dialect)

  @doc "The JSON text of a message."
  def to_wire(type, message, dialect), do: type |> encode(message, dialect) |> JSON.encode!()

  @doc false
  def decode(:int32, path, json, _), do: integer(path, json, @int32)
  def decode(:int64, path, json, _), do: integer(path, json, @int64)
  def decode({:int, range}, path, json, _), do: integer(path, json, range)
  def decode(:float, _, json, _) when is_float(json), do: json
  def decode(:float, path, json, _) when is_integer(json), do: to_float(path, json)
  def decode(:float, path, json, _), do: Error.expected(path, "a number", json)

  def decode({:float, least, most}, path, json, dialect),
    do: within(path, decode(:float, path, json, dialect), least, most)

  def decode(:string, _, json, _) when is_binary(json), do: json
  def decode(:string, path, json, _), do: Error.expected(path, "a string", json)
  def decode(:boolean, _, json, _) when is_boolean(json), do: json
  def decode(:boolean, path, json, _), do: Error.expected(path, "true or false", json)
  def decode(:bytes, path, json, _), do: base64(path, json)
  def decode(:timestamp, path, json, _), do: Timestamp.decode(path, json)
  def decode(:json, _, json, _), do: json
  def decode(:object, _, json, _) when is_map(json), do: json
  def decode(:object, path, json, _), do: Error.expected(path, "an object", json)
  def decode({:nullable, _}, _, nil, _), do: nil
  def decode({:nullable, type}, path, json, dialect), do: decode(type, path, json, dialect)

  def decode({:list, type}, path, json, dialect) when is_list(json) do
    for {item, index} <- Enum.with_index(json), do: decode(type, "#{path}[#{index}]", item, dialect)
  end

  def decode({:list, _}, path, json, _), do: Error.expected(path, "a list", json)

  def decode({:map, type}, path, json, dialect) when is_map(json) do
    Map.new(json, fn {key, item} -> {key, decode(type, "#{path}.#{key}", item, dialect)} end)
  end

  def decode({:map, _}, path, json, _), do: Error.expected(path, "an object", json)
  def decode(module, path, json, dialect), do: module.decode(path, json, dialect)

  @doc false
  def encode(:bytes, value, _), do: Base.encode64(value)
  def encode(:timestamp, value, _), do: Timestamp.encode(value)
  def encode({:nullable, _}, nil, _), do: nil
  def encode({:nullable, type}, value, dialect), do: encode(type, value, dialect)
  def encode({:list, type}, value, dialect), do: Enum.map(value, &encode(type, &1, dialect))
  def encode({:map, type}, value, dialect), do: Map.new(value, fn {key, item} -> {key, encode(type, item, dialect)} end)
  def encode({:int, _}, value, _), do: value
  def encode({:float, _, _}, value, _), do: value
  def encode(type, value, _) when type in [:int32, :int64, :float, :string, :boolean, :json, :object], do: value
  def encode(module, value, dialect), do: module.encode(value, dialect)

  defp integer(path, json, range) do
    if is_integer(json) and json in range, do: json, else: Error.expected(path, "an integer of #{inspect(range)}", json)
  end

  # Every atom is more than every number.
  defp within(_, value, least, most) when value >= least and value <= most, do: value
  defp within(path, value, least, most), do: Error.expected(path, "a number from #{least} to #{most}", value)

  defp to_float(path, json) do
    json / 1
  rescue
    ArithmeticError -> Error.expected(path, "a number that a float can hold", json)
  end

  defp base64(path, json) do
    case is_binary(json) and Base.decode64(json) do
      {:ok, data} -> data
      _ -> Error.expected(path, "base64", json)
    end
  end
end
