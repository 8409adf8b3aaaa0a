defmodule Tinkex.Transport do
  @moduledoc "One HTTP exchange, by Erlang's own client."

  @type answer :: {:ok, status :: 100..599, Tinkex.Headers.t(), body :: binary()} | {:error, :timeout | :connection}

  @connect_within_ms 5000

  @doc """
  Starts the client that all of this node share. Each request has a connection of its own: on one that is kept, Erlang's client
  sends again by itself what was lost, and nobody would know of it.
  """
  @spec start() :: :ok
  def start do
    {:ok, _} = :inets.start(:httpc, profile: __MODULE__)
    :httpc.set_options([max_sessions: 1000, cookies: :disabled], __MODULE__)
  end

  @doc "`body` nil sends none. Follows no redirect and tries nothing again."
  @spec exchange(atom(), String.t(), Tinkex.Headers.t(), iodata() | nil, timeout_s :: number()) :: answer()
  def exchange(method, url, headers, body, timeout_s) do
    timeout_ms = max(1, round(timeout_s * 1000))

    limits = [
      timeout: timeout_ms,
      connect_timeout: min(timeout_ms, @connect_within_ms),
      autoredirect: false,
      autoretry: 0
    ]

    case :httpc.request(method, request(url, headers, body), limits, [body_format: :binary], __MODULE__) do
      {:ok, {{_, status, _}, headers, body}} -> decoded(status, received(headers), body)
      {:error, :timeout} -> {:error, :timeout}
      {:error, {:failed_connect, reasons}} -> {:error, if(timed_out?(reasons), do: :timeout, else: :connection)}
      {:error, _} -> {:error, :connection}
    end
  end

  defp decoded(status, %{"content-encoding" => "gzip"} = headers, body) do
    {:ok, status, Map.delete(headers, "content-encoding"), :zlib.gunzip(body)}
  rescue
    _ -> {:error, :connection}
  end

  defp decoded(status, headers, body), do: {:ok, status, headers, body}

  defp request(url, headers, nil), do: {to_charlist(url), sent(headers)}

  defp request(url, headers, body) do
    {type, headers} = Map.pop(headers, "content-type", "application/json")
    {to_charlist(url), sent(headers), to_charlist(type), IO.iodata_to_binary(body)}
  end

  defp sent(headers) do
    for {name, value} <- Map.put(headers, "connection", "close"), do: {to_charlist(name), to_charlist(to_string(value))}
  end

  defp received(headers),
    do: Map.new(headers, fn {name, value} -> {name |> to_string() |> String.downcase(), to_string(value)} end)

  defp timed_out?(reasons), do: Enum.any?(reasons, &match?({_, _, :timeout}, &1))
end
