defmodule Tinkex.Testee.Stage do
  @moduledoc """
  What one scenario has: its clients by name, and a clock on which nobody sleeps. What would have been slept is noted, and the
  clock is ahead by as much. Otherwise it goes by fifths of a second, so that waits are as long as the client says, and not
  shorter by what this machine took to think.
  """
  use Agent

  alias Tinkex.{Clock, Config, Policy, ServiceClient}

  @tick_s 0.2

  defstruct [:base_url, :policy, :random, :seen, slept: [], names: %{}]

  def start_link(input, dialect) do
    stage = %__MODULE__{base_url: input["base_url"], policy: Policy.fetch!(dialect), random: input["random"] || 0.0}
    Agent.start_link(fn -> stage end)
  end

  @doc "A service client as the case configures it, under a name."
  def add_client(stage, name, described) do
    config = config(stage, described)
    {:ok, service} = ServiceClient.start_link(config)
    put(stage, {:client, name}, %{config: config, service: service})
  end

  @doc "Seconds, in the order in which they would have been slept."
  def slept(stage), do: Agent.get(stage, &Enum.reverse(&1.slept))

  def policy(stage), do: Agent.get(stage, & &1.policy)

  def put(stage, key, value), do: Agent.update(stage, &%{&1 | names: Map.put(&1.names, key, value)})

  def get(stage, key), do: Agent.get(stage, & &1.names[key])

  defp config(stage, described) do
    %{base_url: address, policy: policy} = Agent.get(stage, & &1)
    env = Map.new(described["env"] || %{}, fn {name, value} -> {name, String.replace(value, "{base_url}", address)} end)
    base_url = if !is_map_key(env, "TINKER_BASE_URL"), do: address <> (described["base_path"] || "")
    api_key = described["api_key"] || if(!is_map_key(described, "env"), do: "tml-key")

    options =
      for key <- ~w(max_retries timeout_s headers tags user_metadata),
          is_map_key(described, key),
          do: {String.to_existing_atom(key), described[key]}

    # The environment may switch it off, and on.
    asked = described["telemetry"] == true or is_map_key(env, "TINKER_TELEMETRY")
    telemetry = if asked, do: [], else: [telemetry: false]
    clock = clock(stage, described["real_time"] == true)
    Config.new([base_url: base_url, api_key: api_key, policy: policy, clock: clock] ++ telemetry ++ options, env)
  end

  defp clock(stage, real_time) do
    real = Clock.system()

    %Clock{
      sleep: fn seconds ->
        Agent.update(stage, &%{&1 | slept: [seconds | &1.slept]})
        if real_time, do: real.sleep.(seconds)
      end,
      now: if(real_time, do: real.now, else: fn -> Agent.get_and_update(stage, &tick(&1, real.now.())) end),
      random: fn -> Agent.get(stage, & &1.random) end,
      date: fn -> real.date.() + if(real_time, do: 0, else: Enum.sum(slept(stage))) end
    }
  end

  defp tick(stage, now) do
    stage = if stage.seen == nil or now - stage.seen >= @tick_s, do: %{stage | seen: now}, else: stage
    {stage.seen + Enum.sum(stage.slept), stage}
  end
end
