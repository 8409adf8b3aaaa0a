defmodule Tinkex.Cli.Text do
  @moduledoc "Sizes and times as the command prints them."

  @doc ~S(1024-based with one decimal: "2.0 KB".)
  @spec size(integer() | nil) :: String.t()
  def size(bytes) when bytes == nil or bytes < 0, do: "N/A"
  def size(bytes) when bytes < 1024, do: "#{bytes} B"
  # As exact as a float, which Python divides.
  def size(bytes), do: size(trunc(bytes / 1), 1024, ~w(KB MB GB TB PB EB))

  defp size(bytes, unit, [name | more]) when bytes < unit * 1024 or more == [], do: "#{tenths(bytes, unit)} #{name}"
  defp size(bytes, unit, [_ | names]), do: size(bytes, unit * 1024, names)

  # To the nearest tenth; of two that are as near, the even one, as Python has it.
  defp tenths(bytes, unit) do
    {count, rest} = {div(bytes * 10, unit), rem(bytes * 10, unit)}
    count = if 2 * rest > unit or (2 * rest == unit and rem(count, 2) == 1), do: count + 1, else: count
    "#{div(count, 10)}.#{rem(count, 10)}"
  end

  @doc """
  How long ago, up to 30 days; then the day. Nothing is rounded up, and what is to come is now. Text without a zone is UTC; text
  that is no time stays as it is.
  """
  @spec time(DateTime.t() | String.t() | nil, DateTime.t()) :: String.t()
  def time(none, _) when none in [nil, ""], do: "N/A"

  def time(text, now) when is_binary(text) do
    case {DateTime.from_iso8601(text), DateTime.from_iso8601(text <> "Z")} do
      {{:ok, time, _}, _} -> time(time, now)
      {_, {:ok, time, _}} -> time(time, now)
      _ -> text
    end
  end

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

  @doc "Now, by a client's clock."
  @spec now(Tinkex.Config.t()) :: DateTime.t()
  def now(config), do: DateTime.from_unix!(trunc(config.clock.date.()))

  @doc ~S|"1 training run", "20 checkpoints (5 more not shown, use --limit to see more)"|
  @spec title(String.t(), non_neg_integer(), non_neg_integer()) :: String.t()
  def title(noun, count, total) do
    more = if total > count, do: " (#{total - count} more not shown, use --limit to see more)", else: ""
    "#{count} #{noun}#{if count == 1, do: "", else: "s"}#{more}"
  end
end
