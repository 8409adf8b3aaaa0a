defmodule Tinkex.Retry do
  @moduledoc """
  Whether and when a request is sent again: `decide/3` and `delay_s/4` for one HTTP call, `submit/4` for the calls around it.

  An outcome is an HTTP status, `:timeout` or `:connection`.
  """

  alias Tinkex.{HttpDate, Policy}

  @type outcome :: 100..599 | :timeout | :connection

  @longest_wait_s 60
  @longest_backoff_s 10
  @longest_pause_s 30
  @submit_within_s 300

  @doc "Whether a call that has tries left is sent again. Names of headers in lower case."
  @spec decide(outcome(), Tinkex.Headers.t(), Policy.t()) :: boolean()
  def decide(status, _, _) when status in 200..399, do: false

  def decide(outcome, headers, policy) do
    case headers["x-should-retry"] do
      "true" when is_integer(outcome) -> true
      "false" when is_integer(outcome) -> false
      _ -> retryable?(outcome, policy)
    end
  end

  @doc "Whether the same request may succeed later; nil stands for an error of another kind."
  @spec retryable?(outcome() | nil, Policy.t()) :: boolean()
  def retryable?(nil, _), do: false
  def retryable?(error, policy) when is_atom(error), do: policy.lost
  def retryable?(409, policy), do: policy.conflict
  def retryable?(status, _), do: status in [408, 429] or status >= 500

  @doc """
  Seconds before retry number `retry`, from 0: what the server says, if that is at most a minute, or else 0.5, 1, 2 … 10 s, of
  which `random` (0 to 1) takes up to a quarter off. `now` in seconds since 1970.
  """
  @spec delay_s(non_neg_integer(), Tinkex.Headers.t(), float(), number()) :: number()
  def delay_s(retry, headers, random, now) do
    case server_delay_s(headers, now) do
      delay when is_number(delay) and delay > 0 and delay <= @longest_wait_s -> delay
      _ -> backoff_s(retry, 0.5, @longest_backoff_s) * (1 - 0.25 * random)
    end
  end

  @doc "What `retry-after-ms` or `retry-after` (seconds or a date) say; nil where they say nothing."
  @spec server_delay_s(Tinkex.Headers.t(), number()) :: number() | nil
  def server_delay_s(headers, now) do
    with nil <- milliseconds(headers["retry-after-ms"]), nil <- number(headers["retry-after"]) do
      case HttpDate.parse(headers["retry-after"]) do
        nil -> nil
        at -> at - now
      end
    end
  end

  @doc "What becomes of a whole submit, tried `attempt` times before, `elapsed_s` seconds after its beginning."
  @spec submit(outcome() | nil, non_neg_integer(), number(), Policy.t()) :: {:retry, delay_s :: number()} | :give_up
  def submit(outcome, attempt, elapsed_s, policy) do
    if retryable?(outcome, policy) and elapsed_s < @submit_within_s,
      do: {:retry, min(pause_s(attempt), @submit_within_s - elapsed_s)},
      else: :give_up
  end

  @doc "1, 2, 4 … 30 s."
  @spec pause_s(non_neg_integer()) :: number()
  def pause_s(failures), do: backoff_s(failures, 1, @longest_pause_s)

  @doc "Seconds before a whole sample is tried again: 0.5, 1, 2 … 10, of which `random` (0 to 1) moves up to a quarter."
  @spec sample_delay_s(non_neg_integer(), float()) :: float()
  def sample_delay_s(attempt, random) do
    delay = backoff_s(attempt, 0.5, @longest_backoff_s)
    max(0.0, min(delay + delay * 0.25 * (2 * random - 1), @longest_backoff_s * 1.0))
  end

  # Doubled so often the wait is the longest in any case, and the number stays small.
  defp backoff_s(count, first, most), do: min(first * 2 ** min(count, 16), most)

  defp milliseconds(text) do
    case number(text) do
      nil -> nil
      milliseconds -> milliseconds / 1000
    end
  end

  defp number(nil), do: nil

  defp number(text) do
    case Float.parse(String.trim(text)) do
      {number, ""} -> number
      _ -> nil
    end
  end
end
