defmodule Tinkex.CliText do
  @moduledoc "Sizes and times as the command prints them."

  @doc ~S(1024-based with one decimal: "2.0 KB".)
  @spec size(non_neg_integer()) :: String.t()
  def size(bytes), do: size(bytes / 1, ~w(B KB MB GB TB))

  defp size(number, [unit]), do: fixed(number, unit)
  defp size(number, [unit | _]) when number < 1024, do: fixed(number, unit)
  defp size(number, [_ | units]), do: size(number / 1024, units)

  defp fixed(number, unit), do: "#{:erlang.float_to_binary(number, decimals: 1)} #{unit}"

  @doc "How long ago, up to 30 days; then the day."
  @spec time(DateTime.t() | nil, DateTime.t()) :: String.t()
  def time(nil, _), do: "N/A"

  def time(time, now) do
    seconds = DateTime.diff(now, time)
    days = div(seconds, 86_400)

    cond do
      days > 30 -> time |> DateTime.to_date() |> Date.to_iso8601()
      days > 0 -> ago(days, "day")
      seconds >= 3600 -> ago(div(seconds, 3600), "hour")
      seconds >= 60 -> ago(div(seconds, 60), "minute")
      true -> "just now"
    end
  end

  defp ago(1, unit), do: "1 #{unit} ago"
  defp ago(count, unit), do: "#{count} #{unit}s ago"
end
