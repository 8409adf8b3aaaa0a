defmodule Tinkex.ServiceClient do
  @moduledoc """
  A session with the service, from which clients for training and sampling come; they end with it. The session begins when it
  is first needed, and is kept alive by a heartbeat.

      {:ok, service} = Tinkex.ServiceClient.start_link(Tinkex.Config.new())
      {:ok, training} = Tinkex.ServiceClient.create_training_client(service, "meta-llama/Llama-3.2-1B", rank: 16)
  """
  use GenServer

  alias Tinker.{
    CreateModelRequest,
    CreateModelResponse,
    CreateSamplingSessionRequest,
    CreateSamplingSessionResponse,
    CreateSessionRequest,
    CreateSessionResponse,
    GetServerCapabilitiesResponse,
    LoraConfig,
    SessionHeartbeatRequest,
    SessionHeartbeatResponse,
    WeightsInfoRequest,
    WeightsInfoResponse
  }

  alias Tinkex.{
    Api,
    Config,
    DispatchLimit,
    Error,
    Future,
    RestClient,
    SamplingClient,
    TinkerPath,
    TrainingClient,
    UsageError
  }

  alias Tinkex.Telemetry.Reporter

  require Logger

  @heartbeat_every_ms 10_000
  @heartbeat_within_s 10
  @default_rank 32
  # Samples that are on their way to the server at once.
  @most_dispatched 400

  @spec start_link(Config.t()) :: GenServer.on_start()
  def start_link(config), do: GenServer.start_link(__MODULE__, config)

  @doc "What the server has."
  @spec capabilities(pid()) :: {:ok, GetServerCapabilitiesResponse.t()} | {:error, Error.t()}
  def capabilities(service) do
    config = config(service)
    Api.submit(config, fn -> Api.get(config, "/get_server_capabilities", GetServerCapabilitiesResponse) end)
  end

  @doc "A new model with adapters. Options: `rank` (32), `seed`, `train_unembed`, `train_mlp`, `train_attn`, `user_metadata`."
  @spec create_training_client(pid(), String.t(), keyword()) :: {:ok, pid()} | {:error, Error.t()}
  def create_training_client(service, base_model, options \\ []) do
    with {:ok, session} <- session(service) do
      request = %CreateModelRequest{
        session_id: session.id,
        model_seq_id: next(service, :model_seq_id),
        base_model: base_model,
        user_metadata: options[:user_metadata],
        lora_config: %LoraConfig{
          rank: options[:rank] || @default_rank,
          seed: options[:seed],
          train_unembed: Keyword.get(options, :train_unembed, true),
          train_mlp: Keyword.get(options, :train_mlp, true),
          train_attn: Keyword.get(options, :train_attn, true)
        }
      }

      config = session.config

      with {:ok, future} <- Future.submit(config, "/create_model", request, CreateModelResponse, "CreateModel"),
           {:ok, %CreateModelResponse{model_id: id}} <- Future.await(config, future) do
        adopt(service, TrainingClient, {config, id, service})
      end
    end
  end

  @doc """
  A new model like the one of a checkpoint, with its weights; `optimizer: true` loads the optimizer's state too. Where the
  weights cannot be loaded, the new client is stopped.
  """
  @spec create_training_client_from_state(pid(), String.t(), keyword()) :: {:ok, pid()} | {:error, Error.t()}
  def create_training_client_from_state(service, path, options \\ []) do
    with {:ok, base_model, lora} <- described(config(service), path),
         {:ok, client} <- create_training_client(service, base_model, lora) do
      load = if options[:optimizer], do: &TrainingClient.load_state_with_optimizer/2, else: &TrainingClient.load_state/2

      case load.(client, path) do
        {:ok, _} ->
          {:ok, client}

        {:error, error} ->
          GenServer.stop(client)
          {:error, error}
      end
    end
  end

  @doc "A client that samples from a base model (`base_model: name`) or from saved weights (`model_path: uri`)."
  @spec create_sampling_client(pid(), keyword()) :: {:ok, pid()} | {:error, Error.t()}
  def create_sampling_client(service, options) do
    with {:ok, session} <- session(service) do
      request = %CreateSamplingSessionRequest{
        session_id: session.id,
        sampling_session_seq_id: next(service, :sampling_session_seq_id),
        base_model: options[:base_model],
        model_path: options[:model_path]
      }

      type = CreateSamplingSessionResponse

      with {:ok, answer} <- Api.post(session.config, "/create_sampling_session", request, type) do
        sampling_client(service, answer.sampling_session_id)
      end
    end
  end

  @doc "A client of a sampling session that there is already."
  @spec sampling_client(pid(), String.t()) :: {:ok, pid()}
  def sampling_client(service, sampling_session_id) do
    adopt(service, SamplingClient, {config(service), sampling_session_id, service, GenServer.call(service, :limit)})
  end

  @doc "The next number of a counter that the session's clients share."
  @spec next(pid(), :model_seq_id | :sampling_session_seq_id) :: non_neg_integer()
  def next(service, counter), do: GenServer.call(service, {:next, counter})

  @doc "Its session, begun if there is none yet."
  @spec session(pid()) :: {:ok, %{id: String.t(), config: Config.t()}} | {:error, Error.t()}
  def session(service), do: GenServer.call(service, :session, :infinity)

  @doc "Sends what is still to be reported."
  @spec report(pid(), [Reporter.draft()]) :: :ok | {:error, Error.t()}
  def report(service, events) do
    with {:ok, _} <- session(service) do
      reporter = GenServer.call(service, :reporter)
      Enum.each(events, &Reporter.put(reporter, &1))
      Reporter.flush(reporter)
    end
  end

  defp config(service), do: GenServer.call(service, :config, :infinity)

  defp adopt(service, module, argument), do: GenServer.call(service, {:adopt, module, argument})

  # Seeds ask for the weights themselves, 0.4.1 for the run that they come from.
  defp described(%{policy: %{weights_info: true}} = config, path) do
    request = %WeightsInfoRequest{tinker_path: path}

    with {:ok, info} <- Api.submit(config, fn -> Api.post(config, "/weights_info", request, WeightsInfoResponse) end) do
      {:ok, info.base_model, lora(info.lora_rank)}
    end
  end

  defp described(config, path) do
    with {:ok, %{run: run}} <- parsed(path), {:ok, run} <- RestClient.training_run(config, run) do
      {:ok, run.base_model, lora(run.lora_rank)}
    end
  end

  defp parsed(path) do
    {:ok, TinkerPath.parse!(path)}
  rescue
    error in UsageError -> {:error, %Error{kind: :usage, message: error.reason}}
  end

  defp lora(rank) when is_integer(rank), do: [rank: rank]
  defp lora(_), do: []

  @impl true
  def init(config) do
    # A client that ends, ends alone.
    Process.flag(:trap_exit, true)
    {:ok, limit} = DispatchLimit.start_link(@most_dispatched)
    {:ok, %{config: config, session: nil, reporter: nil, counters: %{}, limit: limit}}
  end

  @impl true
  def handle_call(:config, _, state), do: {:reply, state.config, state}
  def handle_call(:limit, _, state), do: {:reply, state.limit, state}
  def handle_call(:reporter, _, state), do: {:reply, state.reporter, state}

  def handle_call({:next, counter}, _, state) do
    {number, counters} = Map.get_and_update(state.counters, counter, &{&1 || 0, (&1 || 0) + 1})
    {:reply, number, %{state | counters: counters}}
  end

  def handle_call({:adopt, module, argument}, _, state) do
    {:reply, GenServer.start_link(module, argument), state}
  end

  def handle_call(:session, _, %{session: nil} = state) do
    config = state.config

    request = %CreateSessionRequest{
      tags: config.tags,
      user_metadata: config.user_metadata,
      sdk_version: config.policy.sdk_version
    }

    case Api.post(config, "/create_session", request, CreateSessionResponse) do
      {:ok, answer} ->
        tell(answer)
        Process.send_after(self(), :heartbeat, @heartbeat_every_ms)
        session = %{id: answer.session_id, config: config}
        {:ok, reporter} = Reporter.start_link(session)
        {:reply, {:ok, session}, %{state | session: session, reporter: reporter}}

      {:error, error} ->
        {:reply, {:error, error}, state}
    end
  end

  def handle_call(:session, _, state), do: {:reply, {:ok, state.session}, state}

  @impl true
  def handle_info(:heartbeat, %{session: session} = state) do
    Task.Supervisor.start_child(Tinkex.Tasks, fn ->
      request = %SessionHeartbeatRequest{session_id: session.id}
      options = [max_retries: 0, timeout_s: @heartbeat_within_s]
      Api.post(session.config, "/session_heartbeat", request, SessionHeartbeatResponse, options)
    end)

    Process.send_after(self(), :heartbeat, @heartbeat_every_ms)
    {:noreply, state}
  end

  def handle_info({:EXIT, _, _}, state), do: {:noreply, state}

  defp tell(answer) do
    for {level, text} <- [info: answer.info_message, warning: answer.warning_message, error: answer.error_message],
        is_binary(text),
        do: Logger.log(level, text)
  end
end
