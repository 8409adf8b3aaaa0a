defmodule Tinkex.Future do
  @moduledoc "Results that the server promised: asked for until they are there."

  alias Tinker.{FutureRetrieveRequest, UntypedAPIFuture}
  alias Tinker.Wire.Codec
  alias Tinkex.{Api, Config, Error, Http, Poll, Telemetry}

  @enforce_keys [:request_id, :type, :request_type]
  defstruct @enforce_keys ++ [:roundtrip_s]

  @typedoc """
  `type` is the message of the result, `request_type` what the server is told of the request, `roundtrip_s` how long the
  promise took.
  """
  @type t :: %__MODULE__{request_id: String.t(), type: term(), request_type: String.t()}

  @poll_within_s 45

  @doc "Posts a request whose result comes later."
  @spec submit(Config.t(), String.t(), struct(), term(), String.t(), keyword()) :: {:ok, t()} | {:error, Error.t()}
  def submit(config, path, message, type, request_type, options \\ []) do
    started = System.monotonic_time(:microsecond)

    with {:ok, %UntypedAPIFuture{request_id: id}} <- Api.post(config, path, message, UntypedAPIFuture, options) do
      roundtrip = (System.monotonic_time(:microsecond) - started) / 1_000_000
      {:ok, %__MODULE__{request_id: id, type: type, request_type: request_type, roundtrip_s: roundtrip}}
    end
  end

  @doc """
  Waits for the result. Options:

    * `timeout_s`: of the whole wait; by default there is no end
    * `observer`: a function that is told the state of the queue
  """
  @spec await(Config.t(), t(), keyword()) :: {:ok, term()} | {:error, Error.t()}
  def await(config, future, options \\ []) do
    until = if options[:timeout_s], do: config.clock.now.() + options[:timeout_s], else: :infinity
    poll(config, future, %{number: 0, until: until, observer: options[:observer], alike: nil, failures: 0})
  end

  @doc "Waits in a task of its own, which `Task.await/2` or `Task.yield/2` ask."
  @spec async(Config.t(), t(), keyword()) :: Task.t()
  def async(config, future, options \\ []), do: Task.async(fn -> await(config, future, options) end)

  defp poll(config, future, state) do
    if config.clock.now.() >= state.until do
      {:error, %Error{kind: :timeout, message: "no result in time", request_id: future.request_id}}
    else
      {alike, answer} = ask(config, future, state)
      failures = if alike == state.alike, do: state.failures + 1, else: 0
      state = %{state | number: state.number + 1, alike: alike, failures: failures}
      answer |> Poll.decide(failures, config.policy) |> act(config, future, state)
    end
  end

  defp act(%Poll{then: :done, result: result}, config, future, _), do: Api.read(config, future.type, result)
  defp act(%Poll{then: :poll} = poll, config, future, state), do: poll_again(poll, config, future, state)
  defp act(%Poll{error: error}, _, future, _), do: {:error, %{error | request_id: future.request_id}}

  defp poll_again(poll, config, future, state) do
    if poll.observed, do: observe(poll.queue_state, future, state.observer)
    left = if state.until == :infinity, do: poll.delay_s, else: min(poll.delay_s, state.until - config.clock.now.())
    if left > 0, do: config.clock.sleep.(left)
    poll(config, future, state)
  end

  defp observe(queue_state, future, observer) do
    metadata = %{queue_state: queue_state, request_id: future.request_id, request_type: future.request_type}
    Telemetry.execute([:tinkex, :queue, :state_change], %{}, metadata)
    if observer, do: observer.(queue_state, metadata)
  end

  # What kind of answer it is, for counting, and the answer itself.
  defp ask(config, future, state) do
    body =
      Codec.encode(FutureRetrieveRequest, %FutureRetrieveRequest{request_id: future.request_id}, config.policy.wire)

    headers = %{
      "x-tinker-request-iteration" => state.number,
      "x-tinker-request-type" => future.request_type,
      "x-tinker-create-promise-roundtrip-time" => if(state.number == 0, do: future.roundtrip_s),
      "x-stainless-raw-response" => "raw"
    }

    left = if state.until == :infinity, do: @poll_within_s, else: state.until - config.clock.now.()
    options = [body: body, headers: headers, max_retries: 0, timeout_s: min(@poll_within_s, left)]

    case Api.raw(config, :post, "/retrieve_future", options) do
      {:ok, answer} -> answered(answer)
      {:error, %Error{kind: :status, status: status, body: body}} -> {status, {status, json(body)}}
      {:error, %Error{kind: kind}} -> {:lost, kind}
    end
  end

  defp answered(answer) do
    case Http.decode(answer) do
      {:ok, %{"status" => "pending"} = json} -> {:pending, {answer.status, json}}
      {:ok, json} -> {answer.status, {answer.status, json}}
      # No message either: it is told as such.
      {:error, _} -> {answer.status, {answer.status, answer.body}}
    end
  end

  defp json(body) do
    case JSON.decode(body) do
      {:ok, json} -> json
      {:error, _} -> nil
    end
  end
end
