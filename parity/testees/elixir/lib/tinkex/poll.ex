defmodule Tinkex.Poll do
  @moduledoc """
  What one answer to "is it ready?" means, without a network: what to do next, after how many seconds, and what the answer
  tells about the queue.
  """

  alias Tinkex.{Category, Error, Policy, QueueState, Retry}

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
  the lost connections just before.
  """
  @spec decide({100..599, term()} | :timeout | :connection, non_neg_integer(), Policy.t()) :: t()
  def decide({status, body}, _, policy) when status in 200..299, do: answered(body, policy)

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

  defp answered(%{"type" => "try_again"} = body, %{name: "tinkex"} = policy) do
    state = if is_map_key(body, "queue_state"), do: QueueState.parse(body["queue_state"])
    delay = if is_number(body["retry_after_ms"]), do: body["retry_after_ms"] / 1000, else: policy.poll_pause_s
    %__MODULE__{then: :poll, delay_s: delay, queue_state: state, observed: state != nil}
  end

  # 0.4.1 looks at the type only, and tells nobody.
  defp answered(%{"type" => "try_again"} = body, _) do
    state = if is_map_key(body, "queue_state"), do: QueueState.parse(body["queue_state"])
    %__MODULE__{then: :poll, queue_state: state}
  end

  defp answered(%{"status" => "pending"}, %{name: "tinkex"} = policy) do
    %__MODULE__{then: :poll, delay_s: policy.poll_pause_s}
  end

  defp answered(%{"status" => "completed", "result" => result}, %{name: "tinkex"}) do
    %__MODULE__{then: :done, result: result}
  end

  defp answered(%{"status" => "failed"} = body, %{name: "tinkex"} = policy) do
    case body["error"] do
      %{} = error -> failed(error["message"], error["category"], policy)
      error -> failed(error, body["category"], policy)
    end
  end

  defp answered(%{"error" => error} = body, policy), do: failed(error, body["category"], policy)
  defp answered(body, _), do: %__MODULE__{then: :done, result: body}

  defp failed(message, category, policy) do
    category = Category.parse(category, policy)
    fail(%Error{kind: :request_failed, category: category, message: to_string(message)})
  end

  defp fail(error), do: %__MODULE__{then: :fail, error: error}
end
