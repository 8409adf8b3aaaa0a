defmodule Tinkex.Telemetry.Event do
  @moduledoc "What a client reports about itself."

  alias Tinkex.Error

  @doc "The kind, severity and name of the event for an error: what the caller did wrong is no crash."
  @spec of_error(Exception.t()) :: {String.t(), String.t(), String.t() | nil}
  def of_error(error) do
    if user?(error), do: {"GENERIC_EVENT", "WARNING", "user_error"}, else: {"UNHANDLED_EXCEPTION", "ERROR", nil}
  end

  # An error may have been raised because of another one.
  defp user?(%Error{} = error), do: Error.user?(error)
  defp user?(%{cause: cause}) when cause != nil, do: user?(cause)
  defp user?(_), do: false
end
