defmodule Tinkex.Output do
  @moduledoc "The outputs of the chunks of one call as one."

  alias Tinker.ForwardBackwardOutput
  alias Tinkex.{MetricsReduction, Policy}

  @doc "Raises what `Tinkex.MetricsReduction.reduce/2` raises."
  @spec combine([ForwardBackwardOutput.t()], Policy.t()) :: ForwardBackwardOutput.t()
  def combine([], _), do: %ForwardBackwardOutput{loss_fn_output_type: "", loss_fn_outputs: [], metrics: %{}}

  def combine([first | _] = outputs, policy) do
    %ForwardBackwardOutput{
      loss_fn_output_type: first.loss_fn_output_type,
      loss_fn_outputs: Enum.flat_map(outputs, & &1.loss_fn_outputs),
      metrics: outputs |> Enum.map(&{&1.metrics, length(&1.loss_fn_outputs)}) |> MetricsReduction.reduce(policy)
    }
  end
end
