defmodule Tinkex.TrainingClient do
  @moduledoc """
  Trains one model. Requests go out one after the other, in the order of the calls: the next one when the server has taken the
  last. Results are waited for aside, by tasks. An error is an answer, and leaves the client as it was.
  """
  use GenServer

  alias Tinker.{
    AdamParams,
    ForwardBackwardInput,
    ForwardBackwardOutput,
    ForwardBackwardRequest,
    ForwardRequest,
    GetInfoRequest,
    GetInfoResponse,
    LoadWeightsRequest,
    LoadWeightsResponse,
    OptimStepRequest,
    OptimStepResponse,
    SaveWeightsForSamplerRequest,
    SaveWeightsForSamplerResponse,
    SaveWeightsRequest,
    SaveWeightsResponse
  }

  alias Tinkex.{Api, Chunks, Error, Future, Output, ServiceClient, Telemetry, UsageError}

  @type result(type) :: {:ok, type} | {:error, Error.t()}

  @doc "Gradients of a batch, and what the loss gives. `loss_fn_config` is a map of numbers, or nil."
  @spec forward_backward(pid(), [Tinker.Datum.t()], atom(), map() | nil) :: result(ForwardBackwardOutput.t())
  def forward_backward(client, data, loss_fn, loss_fn_config \\ nil) do
    call(client, {:pass, :forward_backward, data, loss_fn, loss_fn_config})
  end

  @doc "What the loss gives, without gradients."
  @spec forward(pid(), [Tinker.Datum.t()], atom(), map() | nil) :: result(ForwardBackwardOutput.t())
  def forward(client, data, loss_fn, loss_fn_config \\ nil) do
    call(client, {:pass, :forward, data, loss_fn, loss_fn_config})
  end

  @doc "One step on the gradients gathered so far."
  @spec optim_step(pid(), AdamParams.t()) :: result(OptimStepResponse.t())
  def optim_step(client, params \\ %AdamParams{}), do: call(client, {:optim_step, params})

  @doc "Saves weights and optimizer under a name."
  @spec save_state(pid(), String.t()) :: result(SaveWeightsResponse.t())
  def save_state(client, name), do: call(client, {:save_state, name})

  @doc "Loads the weights of a tinker:// URI."
  @spec load_state(pid(), String.t()) :: result(LoadWeightsResponse.t())
  def load_state(client, path), do: call(client, {:load_state, path, false})

  @doc "Loads weights and optimizer of a tinker:// URI."
  @spec load_state_with_optimizer(pid(), String.t()) :: result(LoadWeightsResponse.t())
  def load_state_with_optimizer(client, path), do: call(client, {:load_state, path, true})

  @doc "Saves weights to sample from, under a name."
  @spec save_weights_for_sampler(pid(), String.t()) :: result(SaveWeightsForSamplerResponse.t())
  def save_weights_for_sampler(client, name), do: call(client, {:save_for_sampler, [path: name]})

  @doc """
  Begins one of the calls above, and gives a function that waits for its result; only the process that has begun it may ask.
  Calls that one process begins go out in that order.

      first = TrainingClient.begin(client, {:forward_backward, data, :cross_entropy, nil})
      second = TrainingClient.begin(client, {:optim_step, %AdamParams{}})
      {first.(), second.()}
  """
  @spec begin(pid(), tuple()) :: (-> result(struct()))
  def begin(client, {kind, data, loss_fn, loss_fn_config}) when kind in [:forward, :forward_backward] do
    begin(client, {:pass, kind, data, loss_fn, loss_fn_config})
  end

  def begin(client, request) do
    id = :gen_server.send_request(client, request)

    fn ->
      case :gen_server.receive_response(id, :infinity) do
        {:reply, result} -> result
        {:error, {reason, _}} -> {:error, %Error{kind: :usage, message: "the client has ended: #{inspect(reason)}"}}
      end
    end
  end

  @doc "A client that samples from the weights as they are now."
  @spec save_weights_and_get_sampling_client(pid()) :: result(pid())
  def save_weights_and_get_sampling_client(client) do
    service = call(client, :service)

    seq_id = ServiceClient.next(service, :sampling_session_seq_id)

    case call(client, {:save_for_sampler, [sampling_session_seq_id: seq_id]}) do
      {:ok, %{sampling_session_id: id}} when is_binary(id) -> ServiceClient.sampling_client(service, id)
      {:ok, _} -> {:error, %Error{kind: :validation, message: "the server gave no sampling session"}}
      {:error, error} -> {:error, error}
    end
  end

  @doc "What the model is."
  @spec info(pid()) :: result(GetInfoResponse.t())
  def info(client) do
    {config, model_id} = call(client, :model)
    Api.submit(config, fn -> Api.post(config, "/get_info", %GetInfoRequest{model_id: model_id}, GetInfoResponse) end)
  end

  @doc "The model's id."
  @spec model_id(pid()) :: String.t()
  def model_id(client), do: client |> call(:model) |> elem(1)

  defp call(client, request), do: GenServer.call(client, request, :infinity)

  @impl true
  def init({config, model_id, service}) do
    # `waiting`: whom the tasks work for.
    {:ok, %{config: config, model_id: model_id, service: service, next_seq_id: 1, waiting: %{}}}
  end

  @impl true
  def handle_call(:model, _, state), do: {:reply, {state.config, state.model_id}, state}
  def handle_call(:service, _, state), do: {:reply, state.service, state}

  def handle_call({:pass, kind, data, loss_fn, loss_fn_config}, from, state) do
    chunks = Chunks.split(data)
    {seq_ids, state} = take(state, length(chunks))

    requests =
      for {seq_id, chunk} <- Enum.zip(seq_ids, chunks) do
        input = %ForwardBackwardInput{data: chunk, loss_fn: loss_fn, loss_fn_config: loss_fn_config}
        pass(kind, input, state.model_id, seq_id)
      end

    finish = fn outputs -> Telemetry.execute([:tinkex, :training, kind, :stop], %{chunks: length(outputs)}, %{}) end
    policy = state.config.policy

    send_all(requests, from, state, fn outputs ->
      finish.(outputs)
      Output.combine(outputs, policy)
    end)
  end

  def handle_call({:optim_step, params}, from, state) do
    send_one({"/optim_step", %OptimStepRequest{adam_params: params}, OptimStepResponse, "OptimStep"}, from, state)
  end

  def handle_call({:save_state, name}, from, state) do
    send_one({"/save_weights", %SaveWeightsRequest{path: name}, SaveWeightsResponse, "SaveWeights"}, from, state)
  end

  def handle_call({:load_state, path, optimizer}, from, state) do
    optimizer = if state.config.policy.load_optimizer, do: optimizer, else: :unset
    request = %LoadWeightsRequest{path: path, optimizer: optimizer}
    send_one({"/load_weights", request, LoadWeightsResponse, "LoadWeights"}, from, state)
  end

  def handle_call({:save_for_sampler, options}, from, state) do
    request = struct!(SaveWeightsForSamplerRequest, options)
    type = SaveWeightsForSamplerResponse
    send_one({"/save_weights_for_sampler", request, type, "SaveWeightsForSampler"}, from, state)
  end

  # What a task found out, and a task that broke before it could: the caller gets an answer in any case.
  @impl true
  def handle_info({ref, result}, %{waiting: waiting} = state) when is_map_key(waiting, ref) do
    Process.demonitor(ref, [:flush])
    {:noreply, reply(state, ref, result)}
  end

  def handle_info({:DOWN, ref, :process, _, reason}, %{waiting: waiting} = state) when is_map_key(waiting, ref) do
    error = %Error{kind: :validation, message: "waiting for the result broke: #{Exception.format_exit(reason)}"}
    {:noreply, reply(state, ref, {:error, error})}
  end

  def handle_info(_, state), do: {:noreply, state}

  defp reply(state, ref, result) do
    {from, waiting} = Map.pop!(state.waiting, ref)
    GenServer.reply(from, result)
    %{state | waiting: waiting}
  end

  # Ids are taken for all chunks at once, whether they arrive or not.
  defp take(state, count) do
    {Chunks.seq_ids(state.next_seq_id, count), %{state | next_seq_id: state.next_seq_id + count}}
  end

  defp pass(:forward_backward, input, model_id, seq_id) do
    request = %ForwardBackwardRequest{forward_backward_input: input, model_id: model_id, seq_id: seq_id}
    {"/forward_backward", request, ForwardBackwardOutput, "ForwardBackward"}
  end

  defp pass(:forward, input, model_id, seq_id) do
    request = %ForwardRequest{forward_input: input, model_id: model_id, seq_id: seq_id}
    {"/forward", request, ForwardBackwardOutput, "Forward"}
  end

  defp send_one({path, request, type, name}, from, state) do
    {[seq_id], state} = take(state, 1)
    send_all([{path, %{request | model_id: state.model_id, seq_id: seq_id}, type, name}], from, state, &hd/1)
  end

  # Sends here and now, so that nothing overtakes it; waits in a task.
  defp send_all(requests, from, state, combine) do
    case submit_all(requests, state.config, []) do
      {:ok, futures} ->
        config = state.config
        task = Task.Supervisor.async_nolink(Tinkex.Tasks, fn -> await_all(config, futures, combine) end)
        {:noreply, put_in(state.waiting[task.ref], from)}

      {:error, error} ->
        {:reply, {:error, error}, state}
    end
  end

  defp submit_all([], _, futures), do: {:ok, Enum.reverse(futures)}

  defp submit_all([{path, request, type, name} | rest], config, futures) do
    with {:ok, future} <- Api.submit(config, fn -> Future.submit(config, path, request, type, name) end) do
      submit_all(rest, config, [future | futures])
    end
  end

  defp await_all(config, futures, combine) do
    results = futures |> Enum.map(&Future.async(config, &1)) |> Task.await_many(:infinity)

    case Enum.find(results, &match?({:error, _}, &1)) do
      nil -> {:ok, combine.(Enum.map(results, &elem(&1, 1)))}
      error -> error
    end
  rescue
    error in UsageError -> {:error, %Error{kind: :validation, message: error.reason}}
  end
end
