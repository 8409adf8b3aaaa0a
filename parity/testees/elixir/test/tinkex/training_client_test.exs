defmodule Tinkex.TrainingClientTest do
  use ExUnit.Case, async: true

  alias Tinker.{AdamParams, Datum, OptimStepResponse}
  alias Tinkex.{Config, Error, FakeServer, ModelInput, ServiceClient, StillClock, TrainingClient}

  @output %{loss_fn_output_type: "T", loss_fn_outputs: [%{}], metrics: %{"loss:mean" => 2.0}}
  @results %{"create" => %{model_id: "m"}, "optim_step" => %{metrics: nil}, "forward_backward" => @output}

  test "chunks go out in order, and come back as one" do
    client = client(FakeServer.usual(@results))
    data = List.duplicate(%Datum{model_input: ModelInput.from_tokens([1]), loss_fn_inputs: %{}}, 300)
    assert {:ok, output} = TrainingClient.forward_backward(client, data, :cross_entropy)
    assert %{metrics: %{"loss:mean" => 2.0}, loss_fn_outputs: [_, _, _]} = output
    assert {:ok, %OptimStepResponse{}} = TrainingClient.optim_step(client)
    assert seq_ids("/api/v1/forward_backward") == [1, 2, 3]
    assert seq_ids("/api/v1/optim_step") == [4]
  end

  test "calls go out in the order in which they are begun" do
    client = client(FakeServer.usual(@results))
    begun = for _ <- 1..5, do: TrainingClient.begin(client, {:optim_step, %AdamParams{}})
    assert Enum.all?(begun, &match?({:ok, _}, &1.()))
    assert seq_ids("/api/v1/optim_step") == [1, 2, 3, 4, 5]
  end

  test "a refused submit is an answer, and the client lives on" do
    usual = FakeServer.usual(@results)

    client =
      client(fn
        _, "/api/v1/forward_backward", _ -> FakeServer.json(%{detail: "no"}, 400)
        method, path, body -> usual.(method, path, body)
      end)

    data = [%Datum{model_input: ModelInput.from_tokens([1]), loss_fn_inputs: %{}}]
    assert {:error, %Error{status: 400}} = TrainingClient.forward_backward(client, data, :cross_entropy)
    assert Process.alive?(client)
    assert {:ok, _} = TrainingClient.optim_step(client)
    assert seq_ids("/api/v1/optim_step") == [2]
  end

  test "a failed future is an answer too" do
    failed = %{status: "failed", error: %{message: "no", category: "user"}}
    client = client(FakeServer.usual(%{@results | "optim_step" => failed}))
    assert {:error, %Error{kind: :request_failed, category: :user}} = TrainingClient.optim_step(client)
    assert Process.alive?(client)
  end

  test "who waits gets an answer when the waiting breaks" do
    parent = self()
    usual = FakeServer.usual(@results)

    client =
      client(fn
        _, "/api/v1/retrieve_future", ~s({"request_id":"optim_step"}) ->
          send(parent, :asked)
          Process.sleep(5000)

        method, path, body ->
          usual.(method, path, body)
      end)

    before = Task.Supervisor.children(Tinkex.Tasks)
    wait = TrainingClient.begin(client, {:optim_step, %AdamParams{}})
    assert_receive :asked, 2000
    # The task that waits for this client is linked to the one that polls.
    for pid <- Task.Supervisor.children(Tinkex.Tasks) -- before, waits_for?(pid, client), do: Process.exit(pid, :kill)
    assert {:error, %Error{message: "waiting for the result broke" <> _}} = wait.()
    assert Process.alive?(client)
  end

  test "a new client whose weights cannot be loaded is stopped" do
    usual =
      FakeServer.usual(
        Map.put(@results, "load_weights", %{status: "failed", error: %{message: "gone", category: "user"}})
      )

    info = %{base_model: "m/B", is_lora: true, lora_rank: 8}

    service =
      service(fn
        _, "/api/v1/weights_info", _ -> FakeServer.json(info)
        method, path, body -> usual.(method, path, body)
      end)

    assert {:error, %Error{kind: :request_failed}} =
             ServiceClient.create_training_client_from_state(service, "tinker://run/weights/ck")

    {:links, links} = Process.info(service, :links)
    refute Enum.any?(links, &(is_pid(&1) and match?({:ok, {TrainingClient, _, _}}, initial(&1))))
  end

  defp client(answer) do
    {:ok, client} = ServiceClient.create_training_client(service(answer), "m/B")
    client
  end

  defp service(answer) do
    options = [base_url: FakeServer.start(answer), api_key: "k", clock: StillClock.new(), telemetry: false]
    start_supervised!({ServiceClient, Config.new(options, %{})}, id: make_ref())
  end

  defp waits_for?(pid, client) do
    case Process.info(pid, :dictionary) do
      {:dictionary, dictionary} -> client in Keyword.get(dictionary, :"$callers", [])
      nil -> false
    end
  end

  defp initial(pid) do
    case Process.info(pid, :dictionary) do
      {:dictionary, dictionary} -> {:ok, dictionary[:"$initial_call"]}
      nil -> :gone
    end
  end

  defp seq_ids(path) do
    receive do
      {:request, :POST, ^path, body} -> [JSON.decode!(body)["seq_id"] | seq_ids(path)]
    after
      0 -> []
    end
  end
end
