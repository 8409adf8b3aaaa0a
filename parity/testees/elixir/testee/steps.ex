defmodule Tinkex.Testee.Steps do
  @moduledoc """
  The steps of docs/cases.md, each a call of the client. A step is begun, and gives a function that waits for what comes of it.
  """

  alias Tinker.Wire.Codec
  alias Tinkex.{Cli, Future, Http, ModelInput, RestClient, SamplingClient, ServiceClient, TrainingClient}
  alias Tinkex.Testee.Stage

  @futures %{
    "create_model" => {Tinker.CreateModelResponse, "CreateModel"},
    "forward" => {Tinker.ForwardBackwardOutput, "Forward"},
    "forward_backward" => {Tinker.ForwardBackwardOutput, "ForwardBackward"},
    "load_weights" => {Tinker.LoadWeightsResponse, "LoadWeights"},
    "optim_step" => {Tinker.OptimStepResponse, "OptimStep"},
    "sample" => {Tinker.SampleResponse, "Sample"},
    "save_weights" => {Tinker.SaveWeightsResponse, "SaveWeights"},
    "save_weights_for_sampler" => {Tinker.SaveWeightsForSamplerResponse, "SaveWeightsForSampler"}
  }

  @doc "Begins a step."
  @spec begin(String.t(), map(), map(), pid()) :: (-> {:ok, term()} | :ok | {:error, Tinkex.Error.t()})
  def begin("training." <> step, given, client, stage) when step not in ~w(create from_state info) do
    training = Stage.get(stage, {:training, given["on"] || "training"})
    wire = client.config.policy.wire
    begun = TrainingClient.begin(training, training_request(step, given, wire))
    fn -> with {:ok, message} <- begun.(), do: {:ok, training_result(step, message, wire)} end
  end

  def begin(step, given, client, stage) do
    task = Task.async(fn -> run(step, given, client, stage) end)
    fn -> Task.await(task, :infinity) end
  end

  defp training_request(step, given, wire) when step in ["forward", "forward_backward"] do
    loss_fn = Codec.decode(Tinker.LossFnType, "$.loss_fn", given["loss_fn"] || "cross_entropy", wire)
    {String.to_existing_atom(step), data(given["data"], wire), loss_fn, given["loss_fn_config"]}
  end

  defp training_request("optim_step", given, wire) do
    {:optim_step, Codec.decode(Tinker.AdamParams, "$.adam", given["adam"] || %{}, wire)}
  end

  defp training_request("save_state", given, _), do: {:save_state, given["name"]}
  defp training_request("save_for_sampler", given, _), do: {:save_for_sampler, [path: given["name"]]}
  defp training_request("load_state", given, _), do: {:load_state, given["path"], false}
  defp training_request("load_state_with_optimizer", given, _), do: {:load_state, given["path"], true}

  defp training_result("load_state" <> _, _, _), do: %{}
  defp training_result(step, message, _) when step in ["save_state", "save_for_sampler"], do: %{path: message.path}
  defp training_result(_, message, wire), do: json(message, wire)

  defp data(%{"count" => count, "datum" => datum}, wire) do
    List.duplicate(Codec.decode(Tinker.Datum, "$.data.datum", datum, wire), count)
  end

  defp data(list, wire), do: Codec.decode({:list, Tinker.Datum}, "$.data", list || [], wire)

  defp run("http", given, client, _) do
    options =
      for key <- ~w(body headers query timeout_s max_retries),
          is_map_key(given, key),
          do: {String.to_existing_atom(key), given[key]}

    method = given["method"] |> String.downcase() |> String.to_existing_atom()

    with {:ok, answer} <- Http.request(client.config, method, given["path"], options),
         {:ok, json} <- Http.decode(answer) do
      {:ok, %{status: answer.status, json: json}}
    end
  end

  defp run("service.capabilities", _, client, _), do: client.service |> ServiceClient.capabilities() |> told(client)

  defp run("training.create", given, client, stage) do
    options = for key <- ~w(rank seed), is_map_key(given, key), do: {String.to_existing_atom(key), given[key]}
    created = ServiceClient.create_training_client(client.service, given["base_model"], options)
    named_training(created, given, stage)
  end

  defp run("training.from_state", given, client, stage) do
    options = [optimizer: given["optimizer"] == true]
    created = ServiceClient.create_training_client_from_state(client.service, given["path"], options)
    named_training(created, given, stage)
  end

  defp run("training.info", given, client, stage) do
    {:training, given["on"] || "training"} |> then(&Stage.get(stage, &1)) |> TrainingClient.info() |> told(client)
  end

  defp run("sampling.create", given, client, stage) do
    options = [base_model: given["base_model"], model_path: given["model_path"]]
    client.service |> ServiceClient.create_sampling_client(options) |> named_sampling(given, stage)
  end

  defp run("sampling.from_training", given, _, stage) do
    training = Stage.get(stage, {:training, given["on"] || "training"})
    training |> TrainingClient.save_weights_and_get_sampling_client() |> named_sampling(given, stage)
  end

  defp run("sampling.sample", given, client, stage) do
    params = Codec.decode(Tinker.SamplingParams, "$.params", given["params"] || %{}, client.config.policy.wire)

    options =
      for key <- ~w(num_samples prompt_logprobs topk_prompt_logprobs),
          is_map_key(given, key),
          do: {String.to_existing_atom(key), given[key]}

    sampling = Stage.get(stage, {:sampling, given["on"] || "sampling"})

    sampling
    |> SamplingClient.sample(ModelInput.from_tokens(tokens(given["tokens"])), [params: params] ++ options)
    |> told(client)
  end

  defp run("sampling.compute_logprobs", given, _, stage) do
    sampling = Stage.get(stage, {:sampling, given["on"] || "sampling"})
    SamplingClient.compute_logprobs(sampling, ModelInput.from_tokens(tokens(given["tokens"])))
  end

  defp run("rest.training_runs", given, client, _) do
    client.config |> RestClient.training_runs(given["limit"] || 20, given["offset"] || 0) |> told(client)
  end

  defp run("rest.training_run", given, client, _),
    do: client.config |> RestClient.training_run(given["run"]) |> told(client)

  defp run("rest.checkpoints", given, client, _),
    do: client.config |> RestClient.checkpoints(given["run"]) |> told(client)

  defp run("rest.user_checkpoints", given, client, _) do
    client.config |> RestClient.user_checkpoints(given["limit"] || 100, given["offset"] || 0) |> told(client)
  end

  defp run("rest.archive_url", given, client, _) do
    with {:ok, answer} <- RestClient.archive_url(client.config, given["path"]), do: {:ok, %{url: answer.url}}
  end

  defp run("rest.publish", given, client, _), do: RestClient.publish(client.config, given["path"])
  defp run("rest.unpublish", given, client, _), do: RestClient.unpublish(client.config, given["path"])
  defp run("rest.delete", given, client, _), do: RestClient.delete(client.config, given["path"])

  defp run("future.result", %{"request_id" => id, "type" => type} = given, client, _) do
    {message, name} = Map.fetch!(@futures, type)
    future = %Future{request_id: id, type: message, request_type: name}
    me = self()
    options = [timeout_s: given["timeout_s"], observer: fn state, _ -> send(me, {:observed, state}) end]

    with {:ok, result} <- client.config |> Future.await(future, options) |> told(client) do
      {:ok, if(given["observe"], do: %{result: result, observed: observed([])}, else: result)}
    end
  end

  defp run("cli", %{"args" => args} = given, client, _) do
    {exit, stdout, stderr} = Cli.run(args, config: fn -> client.config end, columns: given["columns"] || 80)
    {:ok, %{exit: exit, stdout: stdout, stderr: stderr}}
  end

  defp run("telemetry.send", given, client, _) do
    ServiceClient.report(client.service, Enum.map(events(given["events"]), &draft/1))
  end

  defp tokens(%{"count" => count, "token" => token}), do: List.duplicate(token, count)
  defp tokens(list), do: list

  defp events(%{"count" => count, "event" => event}), do: List.duplicate(event, count)
  defp events(list), do: list

  defp draft(%{"kind" => "SESSION_START"}), do: :session_start
  defp draft(%{"kind" => "SESSION_END"}), do: {:session_end, 0}
  defp draft(%{"kind" => "GENERIC_EVENT"} = event), do: {:generic, event["name"], event["data"] || %{}}
  defp draft(%{"kind" => _} = event), do: {:exception, %RuntimeError{message: event["name"] || "broke"}}

  defp named_training({:ok, training}, given, stage) do
    Stage.put(stage, {:training, given["as"] || "training"}, training)
    {:ok, %{model_id: TrainingClient.model_id(training)}}
  end

  defp named_training(error, _, _), do: error

  defp named_sampling({:ok, sampling}, given, stage) do
    Stage.put(stage, {:sampling, given["as"] || "sampling"}, sampling)
    {:ok, %{}}
  end

  defp named_sampling(error, _, _), do: error

  defp told({:ok, message}, client), do: {:ok, json(message, client.config.policy.wire)}
  defp told(error, _), do: error

  defp json(%module{} = message, wire), do: Codec.encode(module, message, wire)

  defp observed(states) do
    receive do
      {:observed, state} -> observed([state | states])
    after
      0 -> Enum.reverse(states)
    end
  end
end
