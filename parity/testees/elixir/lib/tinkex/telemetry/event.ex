defmodule Tinkex.Telemetry.Event do
  @moduledoc "What a client reports about itself."

  alias Tinkex.Error

  @doc "The kind, severity and name of the event for an error: what the caller did wrong is no crash."
  @spec of_error(Exception.t()) :: {String.t(), String.t(), String.t() | nil}
  def of_error(error) do
    if user?(error), do: {"GENERIC_EVENT", "WARNING", "user_error"}, else: {"UNHANDLED_EXCEPTION", "ERROR", nil}
  end

  @doc "What a report of a user's error says."
  @spec data(Exception.t()) :: map()
  def data(error) do
    details = %{error_type: type(error), message: Exception.message(error)}
    if is_integer(Map.get(error, :status)), do: Map.put(details, :status_code, error.status), else: details
  end

  @doc "The name of an error."
  @spec type(Exception.t()) :: String.t()
  def type(%module{}), do: module |> Module.split() |> List.last()

  @doc ~S(Seconds as "0:00:13.557000".)
  @spec duration(number()) :: String.t()
  def duration(seconds) do
    micros = round(seconds * 1_000_000)
    {whole, fraction} = {div(micros, 1_000_000), rem(micros, 1_000_000)}
    clock = [div(whole, 3600), whole |> rem(3600) |> div(60) |> two(), whole |> rem(60) |> two()] |> Enum.join(":")
    if fraction == 0, do: clock, else: clock <> "." <> String.pad_leading("#{fraction}", 6, "0")
  end

  defp two(number), do: String.pad_leading("#{number}", 2, "0")

  # An error may have been raised because of another one.
  defp user?(%Error{} = error), do: Error.user?(error) or user?(error.cause)
  defp user?(%{cause: cause}), do: user?(cause)
  defp user?(_), do: false
end
