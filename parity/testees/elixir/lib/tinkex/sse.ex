defmodule Tinkex.Sse do
  @moduledoc "Server-sent events from pieces of a stream, however they are cut. One without a blank line after it does not count."

  defstruct rest: "", fields: %{}, data: [], last_id: nil, after_cr: false

  @type event :: %{
          optional(:event) => String.t(),
          optional(:id) => String.t(),
          optional(:retry) => integer(),
          data: String.t()
        }
  @type t :: %__MODULE__{}

  @doc "The events that a piece completes."
  @spec feed(t(), binary()) :: {[event()], t()}
  def feed(decoder \\ %__MODULE__{}, piece)
  def feed(decoder, ""), do: {[], decoder}
  # The second half of a line's end.
  def feed(%{after_cr: true} = decoder, "\n" <> piece), do: feed(%{decoder | after_cr: false}, piece)

  def feed(decoder, piece) do
    {lines, [rest]} = (decoder.rest <> piece) |> :binary.split(["\r\n", "\n", "\r"], [:global]) |> Enum.split(-1)
    {events, decoder} = Enum.flat_map_reduce(lines, decoder, &line/2)
    {events, %{decoder | rest: rest, after_cr: String.ends_with?(piece, "\r")}}
  end

  defp line("", decoder) do
    if decoder.data == [] and decoder.fields == %{} do
      {[], decoder}
    else
      data = decoder.data |> Enum.reverse() |> Enum.join("\n")
      event = Map.put(decoder.fields, :data, data)
      event = if decoder.last_id, do: Map.put_new(event, :id, decoder.last_id), else: event
      {[event], %{decoder | fields: %{}, data: []}}
    end
  end

  defp line(":" <> _, decoder), do: {[], decoder}

  defp line(line, decoder) do
    case String.split(line, ":", parts: 2) do
      [name] -> {[], field(name, "", decoder)}
      [name, " " <> value] -> {[], field(name, value, decoder)}
      [name, value] -> {[], field(name, value, decoder)}
    end
  end

  defp field("data", value, decoder), do: %{decoder | data: [value | decoder.data]}
  defp field("event", value, decoder), do: put(decoder, :event, value)

  defp field("id", value, decoder) do
    if String.contains?(value, "\0"), do: decoder, else: %{put(decoder, :id, value) | last_id: value}
  end

  defp field("retry", value, decoder) do
    case Integer.parse(value) do
      {milliseconds, ""} -> put(decoder, :retry, milliseconds)
      _ -> decoder
    end
  end

  defp field(_, _, decoder), do: decoder

  defp put(decoder, key, value), do: %{decoder | fields: Map.put(decoder.fields, key, value)}
end
