defmodule Tinkex.MetricsReduction do
  @moduledoc """
  Makes one set of metrics of those of several chunks. A key is "name:reduction"; reductions that are not known are left out,
  and so are metrics that a chunk lacks.
  """

  alias Tinkex.{PythonHash, Policy, UsageError}

  @doc """
  Reduces `[{metrics, weight}]`, where a chunk weighs as much as it has outputs. Raises `Tinkex.UsageError` with kind
  `"bad_key"` or `"zero_weight"`.
  """
  @spec reduce([{%{String.t() => number()}, non_neg_integer()}], Policy.t()) :: %{String.t() => number()}
  def reduce([], _), do: %{}

  def reduce([{first, _} | _] = chunks, policy) do
    for key <- Map.keys(first), reduction = reduction(key), pairs = pairs(chunks, key), pairs != nil, reduce: %{} do
      reduced -> Map.merge(reduced, apply_reduction(reduction, key, pairs, policy))
    end
  end

  defp reduction(key) do
    case String.split(key, ":") do
      [_, reduction] -> reduction
      _ -> raise UsageError, kind: "bad_key", reason: "the metric #{inspect(key)} is not name:reduction"
    end
  end

  # Values with their weights; nil where a chunk has no such metric.
  defp pairs(chunks, key) do
    if Enum.all?(chunks, fn {metrics, _} -> is_map_key(metrics, key) end) do
      for {metrics, weight} <- chunks, do: {metrics[key], weight}
    end
  end

  defp apply_reduction("mean", key, pairs, _), do: %{key => mean(key, pairs)}
  defp apply_reduction("sum", key, pairs, _), do: %{key => pairs |> values() |> Enum.sum()}
  defp apply_reduction("min", key, pairs, _), do: %{key => pairs |> values() |> Enum.min()}
  defp apply_reduction("max", key, pairs, _), do: %{key => pairs |> values() |> Enum.max()}
  defp apply_reduction("slack", key, pairs, _), do: %{key => Enum.max(values(pairs)) - mean(key, pairs)}

  defp apply_reduction("unique", key, pairs, policy) do
    [first | others] = values(pairs)

    for {value, index} <- Enum.with_index(others, policy.unique_from),
        into: %{key => first},
        do: {"#{key}_#{index}", value}
  end

  defp apply_reduction("hash_unordered", key, pairs, _) do
    %{key => pairs |> values() |> Enum.map(&trunc/1) |> Enum.sort() |> PythonHash.tuple() |> Kernel./(1)}
  end

  defp apply_reduction(_, _, _, _), do: %{}

  defp values(pairs), do: Enum.map(pairs, &elem(&1, 0))

  defp mean(key, pairs) do
    case pairs |> Enum.map(&elem(&1, 1)) |> Enum.sum() do
      0 -> raise UsageError, kind: "zero_weight", reason: "#{key}: no chunk has an output"
      total -> (pairs |> Enum.map(fn {value, weight} -> value * weight end) |> Enum.sum()) / total
    end
  end
end
