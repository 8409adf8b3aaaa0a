defmodule Tinkex.Error do
  @moduledoc """
  Why a call failed. `kind` is

    * `:status`: HTTP `status` with `body` (text) and `headers`
    * `:connection`, `:timeout`: no answer
    * `:request_failed`: a future that failed, by fault of `category`
    * `:validation`: an answer that is no such message
    * `:usage`: refused before anything was sent

  `cause` is the error that led to it, if there was one.
  """

  alias Tinkex.{OrderedJson, PythonText}

  defexception [:kind, :message, :status, :body, :category, :request_id, :cause, headers: %{}]

  @type kind :: :status | :connection | :timeout | :request_failed | :validation | :usage
  @type t :: %__MODULE__{kind: kind(), message: String.t()}

  @names %{
    400 => :bad_request,
    401 => :authentication,
    403 => :permission_denied,
    404 => :not_found,
    409 => :conflict,
    422 => :unprocessable,
    429 => :rate_limit
  }

  @doc "Of an HTTP answer."
  @spec status(100..599, String.t(), Tinkex.Headers.t()) :: t()
  def status(status, body, headers \\ %{}) do
    %__MODULE__{kind: :status, status: status, body: body, headers: headers, message: text(status, body)}
  end

  @doc "What a status means: `:not_found`, `:server` …, `:status` for one without a name."
  @spec name(100..599) :: atom()
  def name(status) when status >= 500, do: :server
  def name(status), do: Map.get(@names, status, :status)

  @doc "Whether the caller is at fault: the same call will fail again."
  @spec user?(t()) :: boolean()
  def user?(%{kind: :request_failed, category: category}), do: category == :user
  def user?(%{kind: :status, status: status}), do: status in 400..499 and status != 408
  def user?(_), do: false

  @doc "As `Tinkex.Retry` takes it; nil where no request failed."
  @spec outcome(t()) :: Tinkex.Retry.outcome() | nil
  def outcome(%{kind: :status, status: status}), do: status
  def outcome(%{kind: kind}) when kind in [:timeout, :connection], do: kind
  def outcome(_), do: nil

  defp text(status, body) do
    case {OrderedJson.decode(body), String.trim(body)} do
      {{:ok, json}, _} -> "Error code: #{status} - #{PythonText.repr(json)}"
      {:error, ""} -> "Error code: #{status}"
      {:error, text} -> text
    end
  end
end
