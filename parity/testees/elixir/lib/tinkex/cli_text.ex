defmodule Tinkex.CliText do
  @moduledoc "Sizes and times as the command prints them."

  @doc ~S(1024-based with one decimal: "2.0 KB".)
  @spec size(integer() | nil) :: String.t()
  def size(bytes) when bytes == nil or bytes < 0, do: "N/A"
  def size(bytes) when bytes < 1024, do: "#{bytes} B"
  def size(bytes), do: size(bytes / 1024, ~w(KB MB GB TB PB EB))

  defp size(number, [unit | more]) when number < 1024 or more == [], do: fixed(number, unit)
  defp size(number, [_ | units]), do: size(number / 1024, units)

  defp fixed(number, unit), do: "#{:erlang.float_to_binary(number, decimals: 1)} #{unit}"

  @doc "How long ago, up to 30 days; then the day. Nothing is rounded up, and what is to come is now."
  @spec time(DateTime.t() | nil, DateTime.t()) :: String.t()
  def time(nil, _), do: "N/A"

  def time(time, now) do
    seconds = DateTime.diff(now, time)
    {days, rest} = {Integer.floor_div(seconds, 86_400), Integer.mod(seconds, 86_400)}

    cond do
      days > 30 -> time |> DateTime.to_date() |> Date.to_iso8601()
      days > 7 -> ago(div(days, 7), "week")
      days > 0 -> ago(days, "day")
      rest > 3600 -> ago(div(rest, 3600), "hour")
      rest > 60 -> ago(div(rest, 60), "minute")
      true -> "just now"
    end
  end

  defp ago(1, unit), do: "1 #{unit} ago"
  defp ago(count, unit), do: "#{count} #{unit}s ago"
end
