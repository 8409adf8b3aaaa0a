defmodule Tinkex.SamplingClient do
  @moduledoc """
  Samples from one sampling session. The process only holds the client's place: samples run in the callers, which find what they
  need in `Tinkex.SamplingRegistry`, and number themselves with an atomic counter.
  """
  use GenServer

  alias Tinker.{SampleRequest, SampleResponse, SamplingParams}

  alias Tinkex.{
    Api,
    Category,
    DispatchLimit,
    Error,
    Future,
    RateLimiter,
    Retry,
    SamplingBackoff,
    SamplingRegistry,
    Telemetry
  }

  @progress_within_s 1800

  @doc """
  Options: `num_samples` (1), `params` (`Tinker.SamplingParams`), `prompt_logprobs` (false), `topk_prompt_logprobs` (0).
  """
  @spec sample(pid(), Tinker.ModelInput.t(), keyword()) :: {:ok, SampleResponse.t()} | {:error, Error.t()}
  def sample(client, prompt, options \\ []) do
    case SamplingRegistry.lookup(client) do
      nil -> {:error, %Error{kind: :usage, message: "the sampling client has ended"}}
      entry -> sample(entry, request(prompt, options), 0, entry.config.clock.now.())
    end
  end

  @doc "The logprob of each token of a prompt, nil for the first."
  @spec compute_logprobs(pid(), Tinker.ModelInput.t()) :: {:ok, [float() | nil]} | {:error, Error.t()}
  def compute_logprobs(client, prompt) do
    options = [prompt_logprobs: true, params: %SamplingParams{max_tokens: 1}]

    case sample(client, prompt, options) do
      {:ok, %{prompt_logprobs: logprobs}} when is_list(logprobs) -> {:ok, logprobs}
      {:ok, _} -> {:error, %Error{kind: :validation, message: "the answer has no prompt_logprobs"}}
      {:error, error} -> {:error, error}
    end
  end

  @doc "Starts `sample/3` in a task."
  @spec sample_async(pid(), Tinker.ModelInput.t(), keyword()) :: Task.t()
  def sample_async(client, prompt, options \\ []), do: Task.async(fn -> sample(client, prompt, options) end)

  @impl true
  def init({config, sampling_session_id, service, limit}) do
    SamplingRegistry.register(%{
      config: config,
      session: sampling_session_id,
      counter: :atomics.new(1, []),
      limit: limit,
      limiter: RateLimiter.key(config, service)
    })

    {:ok, nil}
  end

  defp request(prompt, options) do
    %SampleRequest{
      num_samples: Keyword.get(options, :num_samples, 1),
      prompt: prompt,
      sampling_params: Keyword.get(options, :params, %SamplingParams{}),
      prompt_logprobs: Keyword.get(options, :prompt_logprobs, false),
      topk_prompt_logprobs: Keyword.get(options, :topk_prompt_logprobs, 0)
    }
  end

  # A sample as a whole is tried again when it was lost, for half an hour; one that failed, as often as a request.
  defp sample(%{config: config} = entry, request, attempt, began) do
    result = once(entry, request)

    with {:error, error} <- result, true <- again?(error, config, attempt, began) do
      config.clock.sleep.(Retry.sample_delay_s(attempt, config.clock.random.()))
      sample(entry, request, attempt + 1, began)
    else
      _ ->
        measured = %{duration_s: config.clock.now.() - began, attempts: attempt + 1}
        Telemetry.execute([:tinkex, :sampling, :sample, :stop], measured, %{result: elem(result, 0)})
        result
    end
  end

  defp again?(%Error{kind: :request_failed, category: category}, config, attempt, _) do
    attempt < config.max_retries and Category.retryable?(category, nil, config.policy)
  end

  defp again?(error, config, _, began),
    do: lost?(error, config.policy) and config.clock.now.() - began < @progress_within_s

  # 410: the server has forgotten it.
  defp lost?(%Error{kind: :status, status: 410, request_id: id}, _), do: id != nil
  defp lost?(error, policy), do: Retry.retryable?(Error.outcome(error), policy)

  defp once(%{config: config} = entry, request) do
    with {:ok, future} <- submit(entry, request), do: Future.await(config, future)
  end

  defp submit(%{config: config} = entry, request) do
    RateLimiter.wait_for_backoff(entry.limiter, config.clock)

    case DispatchLimit.run(entry.limit, fn -> Api.submit(config, fn -> post(entry, request) end) end) do
      {:ok, {:limited, error}} ->
        seconds = SamplingBackoff.delay_s(429, error.headers, config.clock.date.(), config.policy)
        RateLimiter.back_off(entry.limiter, config.clock, seconds)
        submit(entry, request)

      answer ->
        answer
    end
  end

  # HTTP 429 is no failure here: it goes into the rate limiter.
  defp post(%{config: config} = entry, request) do
    request = %{request | sampling_session_id: entry.session, seq_id: :atomics.add_get(entry.counter, 1, 1) - 1}
    options = [max_retries: 0, headers: %{"x-tinker-sampling-backpressure" => "1"}]

    case Future.submit(config, "/asample", request, SampleResponse, "Sample", options) do
      {:error, %Error{status: 429} = error} -> {:ok, {:limited, error}}
      answer -> answer
    end
  end
end
