defmodule Tinkex.HttpDate do
  @moduledoc "Dates of HTTP headers, with GMT or an offset."

  @epoch :calendar.datetime_to_gregorian_seconds({{1970, 1, 1}, {0, 0, 0}})
  @months ~w(jan feb mar apr may jun jul aug sep oct nov dec)

  @doc ~S(Seconds since 1970 of "Wed, 21 Oct 2015 07:28:00 GMT"; nil for anything else.)
  @spec parse(String.t() | nil) :: integer() | nil
  def parse(nil), do: nil

  def parse(text) do
    date =
      ~r/\A\s*(?:[a-z]+,?\s+)?(\d{1,2})[ -]([a-z]{3})[a-z]*[ -](\d{4})\s+(\d\d):(\d\d):(\d\d)\s*(gmt|utc|z|[+-]\d{4})?\s*\z/i

    with [_, day, month, year, hour, minute, second | zone] <- Regex.run(date, text),
         index when index != nil <- Enum.find_index(@months, &(&1 == String.downcase(month))),
         [day, year, hour, minute, second] = Enum.map([day, year, hour, minute, second], &String.to_integer/1),
         true <- :calendar.valid_date(year, index + 1, day) and hour < 24 and minute < 60 and second < 60 do
      time = {{year, index + 1, day}, {hour, minute, second}}
      :calendar.datetime_to_gregorian_seconds(time) - @epoch - offset(zone)
    else
      _ -> nil
    end
  end

  defp offset([<<sign, hours::binary-2, minutes::binary-2>>]) when sign in [?+, ?-] do
    seconds = String.to_integer(hours) * 3600 + String.to_integer(minutes) * 60
    if sign == ?-, do: -seconds, else: seconds
  end

  defp offset(_), do: 0
end
