defmodule Tinkex.Telemetry.Reporter do
  @moduledoc """
  Sends what a client reports about itself: up to 100 events at a time, every 10 s or when asked. At most 10,000 wait; more are
  dropped. Nothing that goes wrong here is more than a line in the log.
  """
  use GenServer

  alias Tinker.{GenericEvent, SessionEndEvent, SessionStartEvent, TelemetryResponse, TelemetrySendRequest}
  alias Tinker.UnhandledExceptionEvent
  alias Tinkex.{Api, Uuid}
  alias Tinkex.Telemetry.Event

  require Logger

  @most_waiting 10_000
  @batch 100
  @flush_every_ms 10_000
  @send_within_s 5

  @typedoc "An event without what the reporter adds: its number, id and time."
  @type draft :: :session_start | {:generic, String.t(), map()} | {:exception, Exception.t()} | {:session_end, number()}

  @spec start_link(%{id: String.t(), config: Tinkex.Config.t()}) :: GenServer.on_start()
  def start_link(session), do: GenServer.start_link(__MODULE__, session)

  @doc "Adds an event; false where it is dropped, or where nothing is to be reported."
  @spec put(pid(), draft()) :: boolean()
  def put(reporter, draft), do: GenServer.call(reporter, {:put, draft})

  @doc "Sends what waits."
  @spec flush(pid()) :: :ok
  def flush(reporter), do: GenServer.call(reporter, :flush, :infinity)

  @doc "How many events of a queue go into each request."
  @spec batches([event]) :: [[event]] when event: term()
  def batches(events), do: Enum.chunk_every(events, @batch)

  @doc "Whether a queue of that length takes one more."
  @spec room?(non_neg_integer()) :: boolean()
  def room?(waiting), do: waiting < @most_waiting

  @impl true
  def init(session) do
    state = %{session: session, events: :queue.new(), next_index: 0}
    Process.send_after(self(), :flush, @flush_every_ms)
    {:ok, elem(add(state, :session_start), 1)}
  end

  @impl true
  def handle_call({:put, draft}, _, state) do
    {added, state} = add(state, draft)
    {:reply, added, state}
  end

  def handle_call(:flush, _, state), do: {:reply, :ok, send_all(state)}

  @impl true
  def handle_info(:flush, state) do
    Process.send_after(self(), :flush, @flush_every_ms)
    {:noreply, send_all(state)}
  end

  defp add(%{session: %{config: %{telemetry: false}}} = state, _), do: {false, state}

  defp add(state, draft) do
    event = event(draft, state.next_index)
    state = %{state | next_index: state.next_index + 1}

    if room?(:queue.len(state.events)),
      do: {true, %{state | events: :queue.in(event, state.events)}},
      else: {false, state}
  end

  defp send_all(state) do
    state.events |> :queue.to_list() |> batches() |> Enum.each(&send_batch(state.session, &1))
    %{state | events: :queue.new()}
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
