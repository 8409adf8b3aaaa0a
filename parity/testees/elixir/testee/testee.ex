defmodule Tinkex.Testee do
  @moduledoc """
  Answers the parity runner: frames on stdin and stdout, as proto/samewire/parity/v1/testee.proto has them. Erlang's ports know
  such frames: `packet: 4` is a length of four bytes, big-endian.
  """

  alias Tinkex.OrderedJson
  alias Tinkex.Testee.{Calls, Rejection}

  @dialects ["tinker-0.4.1", "tinkex"]
  @window 4

  @doc "Speaks until stdin ends; then finishes what it has, and exits with 0."
  @spec main([String.t()]) :: no_return()
  def main(_) do
    log_to_stderr()
    {:ok, _} = Application.ensure_all_started(:tinker)
    port = Port.open({:fd, 0, 1}, [:binary, :eof, packet: 4])
    send_frame(port, hello())
    listen(port, %{})
    System.halt(0)
  end

  @doc "What it can do."
  def hello do
    %{
      name: "elixir",
      title: "Elixir #{System.version()}, OTP #{System.otp_release()}",
      language: "elixir",
      dialects: @dialects,
      calls: Calls.names(),
      window: @window
    }
  end

  @doc "The Response to a Request, both as maps."
  @spec answer(map()) :: map()
  def answer(%{"id" => id, "call" => call, "dialect" => dialect} = request) do
    case Calls.call(call, request["input"], dialect) do
      {:ok, result} -> %{id: id, result: result}
      {:unsupported, reason} -> %{id: id, unsupported: reason}
    end
  rescue
    error in Rejection ->
      rejected = %{reason: error.reason, kind: error.kind, path: error.path}
      %{id: id, rejected: Map.reject(rejected, fn {_, value} -> value == nil end)}

    error ->
      %{id: id, failed: Exception.format(:error, error, __STACKTRACE__)}
  catch
    kind, reason -> %{id: id, failed: Exception.format(kind, reason, __STACKTRACE__)}
  end

  # `running`: the id of the request by the reference of its task.
  defp listen(port, running) do
    receive do
      {^port, {:data, frame}} ->
        %{"id" => id} = request = request(frame)
        task = Task.Supervisor.async_nolink(Tinkex.Tasks, fn -> answer(request) end)
        listen(port, Map.put(running, task.ref, id))

      {^port, :eof} ->
        finish(port, running)

      message ->
        listen(port, hand_over(port, running, message))
    end
  end

  # Maps have no order of their own, and a query has.
  defp request(frame) do
    case JSON.decode!(frame) do
      %{"call" => "query.format"} = request ->
        {:ok, {:object, [_ | _] = pairs}} = OrderedJson.decode(frame)
        %{request | "input" => pairs |> List.keyfind!("input", 0) |> elem(1) |> pairs() |> Map.new()}

      request ->
        request
    end
  end

  defp pairs({:object, []}), do: %{}
  defp pairs({:object, pairs}), do: for({key, value} <- pairs, do: {key, pairs(value)})
  defp pairs(list) when is_list(list), do: Enum.map(list, &pairs/1)
  defp pairs(other), do: other

  defp finish(_, running) when running == %{}, do: :ok

  defp finish(port, running) do
    receive do
      message -> finish(port, hand_over(port, running, message))
    end
  end

  defp hand_over(port, running, {ref, answer}) when is_map_key(running, ref) do
    Process.demonitor(ref, [:flush])
    send_frame(port, answer)
    Map.delete(running, ref)
  end

  # Killed, with something that it was linked to.
  defp hand_over(port, running, {:DOWN, ref, :process, _, reason}) when is_map_key(running, ref) do
    send_frame(port, %{id: running[ref], failed: Exception.format_exit(reason)})
    Map.delete(running, ref)
  end

  defp hand_over(_, running, _), do: running

  defp send_frame(port, message), do: Port.command(port, JSON.encode_to_iodata!(message))

  # Stdout belongs to the frames.
  defp log_to_stderr do
    :logger.remove_handler(:default)
    :logger.add_handler(:default, :logger_std_h, %{config: %{type: :standard_error}})
  end
end
