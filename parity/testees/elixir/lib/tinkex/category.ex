defmodule Tinkex.Category do
  @moduledoc "Whose fault a failed request was."

  alias Tinkex.Policy

  @type t :: :unknown | :server | :user

  @spec parse(term(), Policy.t()) :: t()
  def parse(text, %{fold_category: true}) when is_binary(text), do: known(String.downcase(text))
  def parse(text, _), do: known(text)

  @doc "Whether the client itself tries again what failed so; `status` is the HTTP status of the answer, if that was an error."
  @spec retryable?(t(), integer() | nil, Policy.t()) :: boolean()
  def retryable?(category, status, policy) do
    category in policy.retry_failed and not (status in 400..499 and status not in [408, 410, 429])
  end

  defp known("server"), do: :server
  defp known("user"), do: :user
  defp known(_), do: :unknown
end
