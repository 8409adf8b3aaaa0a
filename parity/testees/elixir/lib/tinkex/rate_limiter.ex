defmodule Tinkex.RateLimiter do
  @moduledoc "Until when the samples of a key wait: one entry for each base URL and API key, shared by all clients that have both."

  alias Tinkex.Config

  @doc false
  def start, do: :ets.new(__MODULE__, [:named_table, :public, read_concurrency: true])

  @doc "No sample goes out within the next seconds."
  @spec back_off(Config.t(), number()) :: :ok
  def back_off(config, seconds) do
    :ets.insert(__MODULE__, {key(config), config.clock.now.() + seconds})
    :ok
  end

  @doc "Sleeps until samples may go out."
  @spec wait_for_backoff(Config.t()) :: :ok
  def wait_for_backoff(config) do
    case remaining_s(config) do
      seconds when seconds > 0 ->
        config.clock.sleep.(seconds)
        wait_for_backoff(config)

      _ ->
        :ok
    end
  end

  @doc "Seconds that samples still wait; 0 where they do not."
  @spec remaining_s(Config.t()) :: number()
  def remaining_s(config) do
    case :ets.lookup(__MODULE__, key(config)) do
      # In whole milliseconds: who waits shall not wake too early.
      [{_, until}] -> max(0, ceil((until - config.clock.now.()) * 1000) / 1000)
      [] -> 0
    end
  end

  defp key(config), do: {config.base_url, config.api_key}
end
