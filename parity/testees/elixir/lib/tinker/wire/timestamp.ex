defmodule Tinker.Wire.Timestamp do
  @moduledoc """
  Points in time as nanoseconds since 1970, UTC; `DateTime` ends at microseconds.

  Read from ISO 8601 (without a zone it is UTC) or from seconds since 1970, written as RFC 3339 with 0, 3, 6 or 9 digits of a
  second.
  """

  alias Tinker.Wire.Error

  @second 1_000_000_000
  @range (-62_135_596_800 * @second)..(253_402_300_800 * @second - 1)
  @epoch :calendar.datetime_to_gregorian_seconds({{1970, 1, 1}, {0, 0, 0}})

  def decode(path, json) do
    case read(json) do
      nanos when is_integer(nanos) and nanos in @range -> nanos
      _ -> Error.expected(path, "a time of the years 1 to 9999", json)
    end
  end

  def encode(nanos) do
    {{year, month, day}, {hour, minute, second}} =
      :calendar.gregorian_seconds_to_datetime(Integer.floor_div(nanos, @second) + @epoch)

    date = Enum.map_join([{year, 4}, {month, 2}, {day, 2}], "-", &pad/1)
    time = Enum.map_join([{hour, 2}, {minute, 2}, {second, 2}], ":", &pad/1)
    "#{date}T#{time}#{fraction(Integer.mod(nanos, @second))}Z"
  end

  defp pad({number, width}), do: number |> Integer.to_string() |> String.pad_leading(width, "0")

  defp fraction(0), do: ""
  defp fraction(nanos), do: "." <> (pad({nanos, 9}) |> String.replace(~r/(000)+$/, ""))

  defp read(seconds) when is_integer(seconds), do: seconds * @second

  # A float of this size holds microseconds, and no more.
  defp read(seconds) when is_float(seconds) and abs(seconds) < 1.0e12 do
    trunc(seconds) * @second + round((seconds - trunc(seconds)) * 1_000_000) * 1000
  end

  defp read(text) when is_binary(text) do
    # Regexes are no constants since OTP 28.
    iso8601 = ~r/\A(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):?(\d\d))?\z/

    with [_ | parts] <- Regex.run(iso8601, text),
         [year, month, day, hour, minute, second | rest] = parts,
         [year, month, day, hour, minute, second] =
           Enum.map([year, month, day, hour, minute, second], &String.to_integer/1),
         true <- :calendar.valid_date(year, month, day) and hour < 24 and minute < 60 and second < 60,
         {:ok, offset} <- offset(Enum.drop(rest, 1)) do
      seconds = :calendar.datetime_to_gregorian_seconds({{year, month, day}, {hour, minute, second}}) - @epoch - offset
      seconds * @second + nanos(List.first(rest, ""))
    else
      _ -> nil
    end
  end

  defp read(_), do: nil

  defp nanos(digits), do: digits |> String.pad_trailing(9, "0") |> String.to_integer()

  defp offset([sign, hours, minutes]) do
    {hours, minutes} = {String.to_integer(hours), String.to_integer(minutes)}
    seconds = hours * 3600 + minutes * 60
    if hours < 24 and minutes < 60, do: {:ok, if(sign == "-", do: -seconds, else: seconds)}, else: :error
  end

  defp offset([]), do: {:ok, 0}
end
