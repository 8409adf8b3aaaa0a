defmodule Tinkex.SamplingClientTest do
  use ExUnit.Case, async: true

  alias Tinkex.{
    Config,
    Error,
    FakeServer,
    ModelInput,
    RateLimiter,
    SamplingClient,
    SamplingRegistry,
    ServiceClient,
    StillClock
  }

  @sample %{type: "sample", sequences: [%{stop_reason: "length", tokens: [1]}]}
  @prompt ModelInput.from_tokens([1, 2])

  test "a place in the registry lasts as long as its client" do
    {_, client} = client(FakeServer.usual(%{"asample" => @sample}))
    assert %{session: "ss"} = SamplingRegistry.lookup(client)
    GenServer.stop(client)
    # The registry has heard of it once it answers again.
    :sys.get_state(SamplingRegistry)
    assert SamplingRegistry.lookup(client) == nil
    assert {:error, %Error{kind: :usage}} = SamplingClient.sample(client, @prompt)
  end

  test "many samples at once, each with a number of its own" do
    {_, client} = client(FakeServer.usual(%{"asample" => @sample}))
    samples = for _ <- 1..40, do: SamplingClient.sample_async(client, @prompt)
    assert samples |> Task.await_many() |> Enum.all?(&match?({:ok, _}, &1))
    assert Enum.sort(seq_ids()) == Enum.to_list(0..39)
  end

  test "a 429 makes all clients of a key wait, and no other" do
    usual = FakeServer.usual(%{"asample" => @sample})
    limited = :counters.new(1, [])

    answer = fn
      method, "/api/v1/asample" = path, body ->
        :counters.add(limited, 1, 1)

        if :counters.get(limited, 1) == 1,
          do: FakeServer.json(%{}, 429, [{"retry-after-ms", 2500}]),
          else: usual.(method, path, body)

      method, path, body ->
        usual.(method, path, body)
    end

    address = FakeServer.start(answer)
    {config, client} = client(address, "k")
    assert {:ok, _} = SamplingClient.sample(client, @prompt)
    assert_received {:slept, 2.5}

    RateLimiter.back_off(RateLimiter.key(config, self()), config.clock, 3)
    {_, same} = client(address, "k", config.clock)
    {_, other} = client(address, "other", config.clock)
    assert {:ok, _} = SamplingClient.sample(other, @prompt)
    refute_received {:slept, _}
    assert {:ok, _} = SamplingClient.sample(same, @prompt)
    assert_received {:slept, 3.0}
  end

  test "a sample that failed is tried again, unless the user is at fault" do
    for {category, samples} <- [{"user", 1}, {"Server", 3}] do
      failed = %{status: "failed", error: %{message: "no", category: category}}
      usual = FakeServer.usual(%{"asample" => failed})
      {_, client} = client(usual)
      assert {:error, %Error{kind: :request_failed}} = SamplingClient.sample(client, @prompt)
      assert length(seq_ids()) == samples
    end
  end

  defp client(answer) when is_function(answer), do: answer |> FakeServer.start() |> client("k")

  defp client(address, key, clock \\ StillClock.new()) do
    config = Config.new([base_url: address, api_key: key, clock: clock, telemetry: false, max_retries: 2], %{})
    service = start_supervised!({ServiceClient, config}, id: make_ref())
    {:ok, client} = ServiceClient.create_sampling_client(service, base_model: "m/B")
    {config, client}
  end

  defp seq_ids do
    receive do
      {:request, :POST, "/api/v1/asample", body} -> [JSON.decode!(body)["seq_id"] | seq_ids()]
    after
      0 -> []
    end
  end
end
