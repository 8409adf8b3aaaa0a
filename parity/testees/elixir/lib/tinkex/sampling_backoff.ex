defmodule Tinkex.SamplingBackoff do
  @moduledoc "How long all samples of a key wait after an answer to one of them."

  alias Tinkex.{Policy, Retry}

  @usual_s 1.0

  @doc "Seconds; 0 where they do not wait. `now` in seconds since 1970."
  @spec delay_s(100..599, Tinkex.Headers.t(), number(), Policy.t()) :: number()
  def delay_s(429, headers, now, %{sample_backoff: :server}) do
    case Retry.server_delay_s(headers, now) do
      delay when is_number(delay) and delay > 0 -> delay
      _ -> @usual_s
    end
  end

  def delay_s(429, _, _, policy), do: policy.sample_backoff
  def delay_s(_, _, _, _), do: 0
end
