defmodule Tinkex.Testee.Scenario do
  @moduledoc "Plays the steps of a scenario, one after the other or together."

  alias Tinkex.Error
  alias Tinkex.Testee.{Stage, Steps}

  @doc "What came of the steps, and what would have been slept."
  @spec play(map(), String.t()) :: map()
  def play(%{"steps" => steps} = input, dialect) do
    {:ok, stage} = Stage.start_link(input, dialect)

    try do
      add_client(stage, "client", input["config"] || %{})
      outcomes = Enum.map(steps, &await(begin(stage, &1)))
      %{steps: outcomes, slept_s: Stage.slept(stage)}
    after
      stop(stage)
    end
  end

  # A key that is missing is an outcome of the steps that would need it.
  defp add_client(stage, name, config) do
    Stage.add_client(stage, name, config)
  rescue
    error in Tinkex.UsageError -> Stage.put(stage, {:client, name}, %{error: usage(error)})
  end

  defp begin(stage, %{"do" => "together", "steps" => steps}) do
    begun = Enum.map(steps, &begin(stage, &1))
    fn -> {:each, Enum.map(begun, &await/1)} end
  end

  defp begin(stage, %{"do" => "in_turn", "steps" => steps}) do
    task = Task.async(fn -> {:each, Enum.map(steps, &await(begin(stage, &1)))} end)
    fn -> Task.await(task, :infinity) end
  end

  defp begin(stage, %{"do" => "client", "with" => %{"as" => name} = given}) do
    add_client(stage, name, given["config"] || %{})
    fn -> {:ok, %{}} end
  end

  defp begin(stage, %{"do" => name} = step) do
    given = step["with"] || %{}

    case Stage.get(stage, {:client, given["client"] || "client"}) do
      %{error: error} -> fn -> {:error, error} end
      client -> Steps.begin(name, given, client, stage)
    end
  rescue
    error in Tinkex.UsageError -> fn -> {:error, usage(error)} end
    error in Tinker.Wire.Error -> fn -> {:error, %Error{kind: :usage, message: Exception.message(error)}} end
  end

  defp await(begun) do
    case begun.() do
      :ok -> %{ok: %{}}
      {:each, outcomes} -> outcomes
      {:ok, value} -> %{ok: value}
      {:error, error} -> %{error: told(error)}
    end
  end

  defp told(error) do
    %{kind: error.kind, status: error.kind == :status && error.status, category: error.category}
    |> Map.reject(fn {_, value} -> value in [nil, false] end)
  end

  defp usage(error), do: %Error{kind: :usage, message: error.reason}

  defp stop(stage) do
    for {{:client, _}, %{service: service}} <- Agent.get(stage, & &1.names), do: GenServer.stop(service)
    Agent.stop(stage)
  end
end
