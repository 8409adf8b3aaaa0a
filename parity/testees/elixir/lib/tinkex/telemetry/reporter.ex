defmodule Tinkex.Telemetry.Reporter do
  @moduledoc """
  Sends what a client reports about itself, every 10 s or when asked. Nothing that goes wrong here is more than a line in the log.
  """
  use GenServer

  alias Tinker.{GenericEvent, SessionEndEvent, SessionStartEvent, TelemetryResponse, TelemetrySendRequest}
  alias Tinker.UnhandledExceptionEvent
  alias Tinkex.{Api, Uuid}
  alias Tinkex.Telemetry.{Event, Queue}

  require Logger

  @flush_every_ms 10_000
  @send_within_s 5

  @typedoc "An event without what the reporter adds: its number, id and time."
  @type draft :: :session_start | {:generic, String.t(), map()} | {:exception, Exception.t()} | {:session_end, number()}

  @spec start_link(%{id: String.t(), config: Tinkex.Config.t()}) :: GenServer.on_start()
  def start_link(session), do: GenServer.start_link(__MODULE__, session)

  @doc "Adds an event, unless nothing is to be reported."
  @spec put(pid(), draft()) :: :ok
  def put(reporter, draft), do: GenServer.call(reporter, {:put, draft})

  @doc "Sends what waits."
  @spec flush(pid()) :: :ok
  def flush(reporter), do: GenServer.call(reporter, :flush, :infinity)

  @impl true
  def init(session) do
    state = %{session: session, queue: %Queue{}}
    Process.send_after(self(), :flush, @flush_every_ms)
    {:ok, add(state, :session_start)}
  end

  @impl true
  def handle_call({:put, draft}, _, state), do: {:reply, :ok, add(state, draft)}
  def handle_call(:flush, _, state), do: {:reply, :ok, send_all(state)}

  @impl true
  def handle_info(:flush, state) do
    Process.send_after(self(), :flush, @flush_every_ms)
    {:noreply, send_all(state)}
  end

  defp add(%{session: %{config: %{telemetry: false}}} = state, _), do: state
  defp add(state, draft), do: %{state | queue: Queue.add(state.queue, &event(draft, &1))}

  defp send_all(state) do
    {batches, queue} = Queue.take(state.queue)
    Enum.each(batches, &send_batch(state.session, &1))
    %{state | queue: queue}
  end

  defp send_batch(session, events) do
    request = %TelemetrySendRequest{
      events: events,
      platform: platform(),
      sdk_version: session.config.policy.sdk_version,
      session_id: session.id
    }

    options = [timeout_s: @send_within_s, max_retries: 0]

    with {:error, error} <- Api.post(session.config, "/telemetry", request, TelemetryResponse, options) do
      Logger.warning("telemetry was not sent: #{error.message}")
    end
  end

  defp event(draft, index) do
    common = %{event_id: Uuid.v4(), event_session_index: index, timestamp: System.os_time(:nanosecond)}
    draft |> body() |> struct!(common)
  end

  defp body(:session_start), do: %SessionStartEvent{severity: :info}
  defp body({:generic, name, data}), do: %GenericEvent{event_name: name, event_data: data, severity: :info}
  defp body({:session_end, seconds}), do: %SessionEndEvent{duration: Event.duration(seconds), severity: :info}

  defp body({:exception, error}) do
    case Event.of_error(error) do
      {"GENERIC_EVENT", _, name} ->
        %GenericEvent{event_name: name, event_data: Event.data(error), severity: :warning}

      _ ->
        %UnhandledExceptionEvent{
          error_message: Exception.message(error),
          error_type: Event.type(error),
          severity: :error,
          traceback: nil
        }
    end
  end

  defp platform do
    case :os.type() do
      {_, :darwin} -> "Darwin"
      {:win32, _} -> "Windows"
      _ -> "Linux"
    end
  end
end
