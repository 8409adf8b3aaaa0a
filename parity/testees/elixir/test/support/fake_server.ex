defmodule Tinkex.FakeServer do
  @moduledoc "An HTTP server whose answers a test gives: `{status, headers, body}` for method, path and body (text)."

  @doc "Starts it, and gives its address. Connections take one request each; what came is sent to the calling process."
  def start(answer) do
    {:ok, listener} =
      :gen_tcp.listen(0, [:binary, packet: :http_bin, active: false, ip: {127, 0, 0, 1}, reuseaddr: true])

    {:ok, port} = :inet.port(listener)
    owner = self()
    ExUnit.Callbacks.start_supervised!({Task, fn -> accept(listener, answer, owner) end}, id: make_ref())
    "http://127.0.0.1:#{port}"
  end

  @doc "Results of the mock's usual kind: every submit is taken, and its future has the result at once."
  def usual(results) do
    fn
      _, "/api/v1/create_session", _ ->
        json(%{session_id: "s"})

      _, "/api/v1/create_model", _ ->
        json(%{request_id: "create"})

      _, "/api/v1/create_sampling_session", _ ->
        json(%{sampling_session_id: "ss"})

      _, "/api/v1/retrieve_future", body ->
        body |> JSON.decode!() |> Map.fetch!("request_id") |> then(&json(results[&1]))

      _, "/api/v1/" <> name, _ ->
        json(%{request_id: name})
    end
  end

  def json(value, status \\ 200, headers \\ []), do: {status, headers, JSON.encode!(value)}

  defp accept(listener, answer, owner) do
    {:ok, socket} = :gen_tcp.accept(listener)
    {:ok, pid} = Task.start(fn -> serve(socket, answer, owner) end)
    :gen_tcp.controlling_process(socket, pid)
    accept(listener, answer, owner)
  end

  defp serve(socket, answer, owner) do
    {:ok, {:http_request, method, {:abs_path, path}, _}} = :gen_tcp.recv(socket, 0)
    length = headers(socket, 0)
    :inet.setopts(socket, packet: :raw)
    {:ok, body} = if length == 0, do: {:ok, ""}, else: :gen_tcp.recv(socket, length)
    send(owner, {:request, method, path, body})
    {status, headers, text} = answer.(method, path, body)
    lines = for {name, value} <- [{"content-length", byte_size(text)} | headers], do: "#{name}: #{value}\r\n"
    :gen_tcp.send(socket, ["HTTP/1.1 #{status} x\r\n", lines, "\r\n", text])
    :gen_tcp.close(socket)
  end

  defp headers(socket, length) do
    case :gen_tcp.recv(socket, 0) do
      {:ok, {:http_header, _, :"Content-Length", _, value}} -> headers(socket, String.to_integer(value))
      {:ok, {:http_header, _, _, _, _}} -> headers(socket, length)
      {:ok, :http_eoh} -> length
    end
  end
end
