defmodule Tinkex.Http do
  @moduledoc "Calls of the API: headers, redirects, and tries."

  alias Tinkex.{Config, Error, Headers, Retry, Telemetry, Transport, Url, Uuid}

  @redirects [301, 302, 303, 307, 308]
  @most_redirects 20

  @type answer :: %{status: 100..599, headers: Headers.t(), body: binary()}

  @doc """
  Sends a request until it is answered well, or may not be tried again. Options:

    * `body`: JSON, `query`, `headers` (nil takes one away)
    * `timeout_s`, `max_retries`: of this call only
    * `redirects`: false leaves them to the caller
  """
  @spec request(Config.t(), atom(), String.t(), keyword()) :: {:ok, answer()} | {:error, Error.t()}
  def request(config, method, path, options \\ []) do
    started = System.monotonic_time()
    call = call(config, method, path, options)
    result = try_call(config, call, 0)

    Telemetry.execute([:tinkex, :http, :request, :stop], %{duration: System.monotonic_time() - started}, %{
      method: method,
      path: path,
      result: elem(result, 0)
    })

    result
  end

  @doc "As `request/4`, with the body of the answer as JSON; nil for an empty one."
  @spec json(Config.t(), atom(), String.t(), keyword()) :: {:ok, term()} | {:error, Error.t()}
  def json(config, method, path, options \\ []) do
    with {:ok, answer} <- request(config, method, path, options), do: decode(answer)
  end

  @doc "The JSON of an answer."
  @spec decode(answer()) :: {:ok, term()} | {:error, Error.t()}
  def decode(%{body: ""}), do: {:ok, nil}

  def decode(%{body: body, status: status}) do
    case JSON.decode(body) do
      {:ok, json} -> {:ok, json}
      {:error, _} -> {:error, %Error{kind: :validation, status: status, message: "the answer is no JSON"}}
    end
  end

  defp call(config, method, path, options) do
    body = if Keyword.has_key?(options, :body), do: JSON.encode_to_iodata!(options[:body])
    timeout = options[:timeout_s] || config.timeout_s

    %{
      method: method,
      url: url(config, path, options[:query] || []),
      headers: Headers.merge([defaults(config, method, timeout), config.headers, options[:headers] || %{}]),
      body: body || if(method == :post, do: ""),
      timeout_s: timeout,
      retries: options[:max_retries] || config.max_retries,
      redirects: Keyword.get(options, :redirects, true)
    }
  end

  defp url(config, path, query) do
    url = Url.join(config.base_url, path)
    if Enum.empty?(query), do: url, else: url <> "?" <> Url.query(query)
  end

  defp defaults(config, method, timeout) do
    writing = %{
      "content-type" => "application/json",
      "x-idempotency-key" => config.policy.idempotency_prefix <> Uuid.v4()
    }

    %{
      "accept" => "application/json",
      "accept-encoding" => "gzip",
      "x-api-key" => config.api_key,
      "x-stainless-read-timeout" => timeout
    }
    |> Map.merge(config.policy.headers)
    |> Map.merge(if method == :get, do: %{}, else: writing)
  end

  defp try_call(config, call, retry) do
    headers = Map.put_new(call.headers, "x-stainless-retry-count", retry)
    answer = exchange(call.method, call.url, headers, call, @most_redirects)

    if retry < call.retries and again?(answer, config.policy) do
      delay = Retry.delay_s(retry, retry_headers(answer, config.policy), config.clock.random.(), config.clock.date.())
      Telemetry.execute([:tinkex, :retry], %{delay_s: delay}, %{url: call.url, retry: retry})
      config.clock.sleep.(delay)
      try_call(config, call, retry + 1)
    else
      result(answer)
    end
  end

  defp exchange(method, url, headers, call, redirects) do
    case Transport.exchange(method, url, headers, if(method != :get, do: call.body), call.timeout_s) do
      {:ok, status, %{"location" => location}, _} when status in @redirects and call.redirects and redirects > 0 ->
        next = url |> URI.merge(location) |> URI.to_string()
        exchange(redirected(method, status), next, same_origin(headers, url, next), call, redirects - 1)

      answer ->
        answer
    end
  end

  # As browsers do it.
  defp redirected(method, 303) when method != :head, do: :get
  defp redirected(:post, status) when status in [301, 302], do: :get
  defp redirected(method, _), do: method

  # The key is for the service alone.
  defp same_origin(headers, from, to) do
    origin = &Map.take(URI.parse(&1), [:scheme, :host, :port])
    if origin.(from) == origin.(to), do: headers, else: Map.delete(headers, "x-api-key")
  end

  defp again?({:ok, status, headers, _}, policy), do: Retry.decide(status, headers, policy)
  defp again?({:error, reason}, policy), do: Retry.decide(reason, %{}, policy)

  defp retry_headers({:ok, status, headers, _}, policy) do
    if policy.retry_after == :all or status in policy.retry_after, do: headers, else: %{}
  end

  defp retry_headers({:error, _}, _), do: %{}

  defp result({:ok, status, headers, body}) when status < 400,
    do: {:ok, %{status: status, headers: headers, body: body}}

  defp result({:ok, status, headers, body}), do: {:error, Error.status(status, body, headers)}
  defp result({:error, :timeout}), do: {:error, %Error{kind: :timeout, message: "no answer in time"}}
  defp result({:error, :connection}), do: {:error, %Error{kind: :connection, message: "no answer"}}
end
