defmodule Tinkex.Poll do
  @moduledoc """
  What one answer to "is it ready?" means, without a network: what to do next, after how many seconds, and what the answer
  tells about the queue.
  """

  alias Tinkex.{Category, Error, Policy, QueueState, Retry}

  @try_again_s 1.0

  defstruct [:then, :result, :error, :queue_state, delay_s: 0, observed: false]

  @type t :: %__MODULE__{
          then: :done | :poll | :resubmit | :fail,
          result: term(),
          error: Error.t() | nil,
          delay_s: number(),
          queue_state: QueueState.t() | nil,
          observed: boolean()
        }

  @doc """
  `answer` is `{status, body}` with the body's JSON (nil where there is none), `:timeout` or `:connection`; `failures` counts
  the answers just before that were like it.
  """
  @spec decide({100..599, term()} | :timeout | :connection, non_neg_integer(), Policy.t()) :: t()
  def decide({status, body}, failures, policy) when status in 200..299, do: answered(body, failures, policy)

  def decide({408, body}, _, _) do
    case body do
      %{"queue_state" => state} -> %__MODULE__{then: :poll, queue_state: QueueState.parse(state), observed: true}
      _ -> %__MODULE__{then: :poll}
    end
  end

  def decide({410, body}, _, _), do: %__MODULE__{then: :resubmit, error: Error.status(410, JSON.encode!(body))}
  def decide({status, _}, _, _) when status >= 500, do: %__MODULE__{then: :poll}
  def decide({status, body}, _, _), do: fail(Error.status(status, JSON.encode!(body)))
  def decide(_, failures, _), do: %__MODULE__{then: :poll, delay_s: Retry.pause_s(failures)}

  defp answered(%{"type" => "try_again"} = body, _, policy) do
    state = if is_map_key(body, "queue_state"), do: QueueState.parse(body["queue_state"])
    # 0.4.1 looks at the type only, and tells nobody.
    delay = if policy.envelope, do: milliseconds(body["retry_after_ms"]), else: 0
    %__MODULE__{then: :poll, delay_s: delay, queue_state: state, observed: policy.envelope and state != nil}
  end

  defp answered(%{"status" => "pending"}, failures, %{envelope: true}) do
    %__MODULE__{then: :poll, delay_s: Retry.pause_s(failures)}
  end

  defp answered(%{"status" => "completed", "result" => result}, _, %{envelope: true}) do
    %__MODULE__{then: :done, result: result}
  end

  defp answered(%{"status" => "failed", "error" => %{} = error}, _, %{envelope: true} = policy) do
    failed(error["message"], error["category"], policy)
  end

  defp answered(%{"error" => error} = body, _, policy), do: failed(error, body["category"], policy)
  defp answered(body, _, _), do: %__MODULE__{then: :done, result: body}

  defp milliseconds(number) when is_number(number), do: number / 1000
  defp milliseconds(_), do: @try_again_s

  defp failed(message, category, policy) do
    category = Category.parse(category, policy)
    fail(%Error{kind: :request_failed, category: category, message: to_string(message)})
  end

  defp fail(error), do: %__MODULE__{then: :fail, error: error}
end
