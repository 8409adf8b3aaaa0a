defmodule Tinkex.Cli.Failure do
  @moduledoc "What the command says when it could not."

  alias Tinkex.Error

  @titles %{
    bad_request: "Invalid request",
    authentication: "Authentication failed",
    permission_denied: "Permission denied",
    not_found: "Resource not found",
    unprocessable: "Invalid data provided",
    rate_limit: "Rate limit exceeded",
    server: "Internal server error"
  }

  @doc "An error as lines for stderr."
  @spec text(Error.t() | {String.t(), String.t()}) :: String.t()
  def text({title, details}), do: "Error: #{title}\n#{details}\n"
  def text(%Error{kind: :status, status: status} = error), do: titled(title(status), error)
  def text(%Error{kind: :timeout} = error), do: titled("Request timeout", error)
  def text(%Error{kind: :connection} = error), do: titled("Connection failed", error)
  def text(error), do: "Error: #{error.message}\n"

  defp title(status), do: Map.get(@titles, Error.name(status), "API error (status #{status})")

  defp titled(title, error), do: text({title, "Details: " <> error.message})
end
