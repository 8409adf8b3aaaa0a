defmodule Tinkex.Testee.Calls do
  @moduledoc "The calls of docs/cases.md, each a few lines around the client's own functions."

  alias Tinker.Messages
  alias Tinker.Wire.{Codec, Error}
  alias Tinkex.Testee.Rejection

  @names ["codec"]

  @doc "What the Hello lists."
  def names, do: @names

  @doc "Asks the client. Raises `Rejection` where the client refuses."
  @spec call(String.t(), term(), String.t()) :: {:ok, term()} | {:unsupported, String.t()}
  def call("codec", %{"message" => name} = input, dialect) do
    case Messages.type(name) do
      nil -> {:unsupported, "#{name} is not implemented"}
      type -> {:ok, %{json: round_trip(type, text(input), wire(dialect))}}
    end
  end

  def call(name, _, _), do: {:unsupported, "#{name} is not implemented"}

  defp round_trip(type, text, dialect) do
    Codec.to_wire(type, Codec.from_wire(type, text, dialect), dialect)
  rescue
    error in Error -> reraise Rejection, [kind: "invalid", reason: error.reason, path: error.path], __STACKTRACE__
  end

  defp text(%{"json" => json}), do: json
  defp text(%{"json_base64" => data}), do: Base.decode64!(data)

  defp wire(name), do: Enum.find(Tinker.dialects(), &(Atom.to_string(&1.name) == name))
end
