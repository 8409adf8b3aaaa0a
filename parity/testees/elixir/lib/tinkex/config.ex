defmodule Tinkex.Config do
  @moduledoc """
  Everything that a client is told. It is handed on, and stands nowhere else: clients with other keys live side by side.

    * `base_url`: by default that of `TINKER_BASE_URL`, or of the service
    * `api_key`: by default that of `TINKER_API_KEY`
    * `timeout_s`: seconds for one try of a request
    * `max_retries`: tries of a request after the first
    * `tags`: of sessions; by default those of `TINKER_TAGS`
    * `headers`: of every request
    * `telemetry`: whether the client reports about itself; `TINKER_TELEMETRY` says no
    * `user_metadata`: of sessions
    * `clock`: see `Tinkex.Clock`
  """

  alias Tinkex.{Clock, Policy, UsageError}

  @default_url "https://tinker.thinkingmachines.dev/services/tinker-prod"

  defstruct [
    :base_url,
    :api_key,
    :policy,
    :clock,
    :timeout_s,
    :max_retries,
    :tags,
    :headers,
    :user_metadata,
    :telemetry
  ]

  @type t :: %__MODULE__{}

  @doc """
  Options win over the environment. Raises `Tinkex.UsageError` with kind `"no_api_key"`.

      Tinkex.Config.new(api_key: "tml-key", max_retries: 2)
  """
  @spec new(keyword(), %{String.t() => String.t()}) :: t()
  def new(options \\ [], env \\ System.get_env()) do
    %__MODULE__{
      base_url: String.trim_trailing(options[:base_url] || env["TINKER_BASE_URL"] || @default_url, "/"),
      api_key: api_key(options[:api_key] || env["TINKER_API_KEY"]),
      policy: options[:policy] || Policy.fetch!("tinkex"),
      clock: options[:clock] || Clock.system(),
      timeout_s: options[:timeout_s] || 60,
      max_retries: options[:max_retries] || 10,
      tags: options[:tags] || tags(env["TINKER_TAGS"]),
      headers: options[:headers] || %{},
      user_metadata: options[:user_metadata] || %{},
      telemetry: Keyword.get(options, :telemetry, telemetry?(env))
    }
  end

  @doc "Whether the environment lets clients report about themselves."
  @spec telemetry?(%{String.t() => String.t()}) :: boolean()
  def telemetry?(env), do: String.downcase(Map.get(env, "TINKER_TELEMETRY", "1")) in ~w(1 true yes on)

  defp api_key(nil),
    do: raise(UsageError, kind: "no_api_key", reason: "no API key: give api_key, or set TINKER_API_KEY")

  defp api_key(key), do: key

  defp tags(nil), do: []
  defp tags(text), do: text |> String.split(",") |> Enum.uniq()
end

defimpl Inspect, for: Tinkex.Config do
  # A key does not belong in logs.
  def inspect(config, _), do: "#Tinkex.Config<#{config.base_url}, #{config.policy.name}>"
end
