defmodule Tinkex.RateLimiter do
  @moduledoc """
  Until when samples wait: one entry for each base URL and API key, shared by all clients that have both; in 0.4.1 one for each
  service client.
  """

  alias Tinkex.{Clock, Config}

  @doc false
  def start, do: :ets.new(__MODULE__, [:named_table, :public, read_concurrency: true])

  @type key :: {base_url :: String.t(), api_key :: String.t()} | pid()

  @doc "Whose samples wait together."
  @spec key(Config.t(), service :: pid()) :: key()
  def key(%{policy: %{shared_backoff: true}} = config, _), do: {config.base_url, config.api_key}
  def key(_, service), do: service

  @doc "No sample goes out within the next seconds."
  @spec back_off(key(), Clock.t(), number()) :: :ok
  def back_off(key, clock, seconds) do
    :ets.insert(__MODULE__, {key, clock.now.() + seconds})
    :ok
  end

  @doc "Sleeps until samples may go out."
  @spec wait_for_backoff(key(), Clock.t()) :: :ok
  def wait_for_backoff(key, clock) do
    case remaining_s(key, clock) do
      seconds when seconds > 0 ->
        clock.sleep.(seconds)
        wait_for_backoff(key, clock)

      _ ->
        :ok
    end
  end

  @doc "Seconds that samples still wait; 0 where they do not."
  @spec remaining_s(key(), Clock.t()) :: number()
  def remaining_s(key, clock) do
    case :ets.lookup(__MODULE__, key) do
      # In whole milliseconds: who waits shall not wake too early. What is less than a microsecond is no time, but rounding.
      [{_, until}] -> max(0, ceil(Float.round((until - clock.now.()) * 1000.0, 3)) / 1000)
      [] -> 0
    end
  end
end
