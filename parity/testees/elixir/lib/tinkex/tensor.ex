defmodule Tinkex.Tensor do
  @moduledoc "Tensors from lists of numbers."

  alias Tinker.TensorData
  alias Tinkex.{Policy, UsageError}

  @dtypes %{
    "target_tokens" => :int64,
    "weights" => :float32,
    "advantages" => :float32,
    "logprobs" => :float32,
    "clip_low_threshold" => :float32,
    "clip_high_threshold" => :float32
  }

  @doc """
  From nested lists that all have the same shape. `kind` is what the numbers are: f16, i32, u8, bool … Raises
  `Tinkex.UsageError` with kind `"dtype"` where the API has nothing for it.
  """
  @spec make(list() | number(), String.t(), Policy.t()) :: TensorData.t()
  def make(values, kind, policy) do
    dtype = dtype(kind, policy) || raise UsageError, kind: "dtype", reason: "the API has no type for #{kind}"
    numbers = values |> List.wrap() |> List.flatten()
    bits = if dtype == :float32, do: bits(kind, policy)
    %TensorData{data: Enum.map(numbers, &cast(&1, bits)), dtype: dtype, shape: shape(values)}
  end

  @doc """
  The inputs of a loss from plain lists, whose type their name tells. Raises `Tinkex.UsageError` with kind `"unknown_name"`, or
  `"dtype"` for lists of lists.
  """
  @spec loss_fn_inputs(%{String.t() => [number()]}) :: %{String.t() => TensorData.t()}
  def loss_fn_inputs(lists) do
    Map.new(lists, fn {name, numbers} ->
      dtype = @dtypes[name] || raise UsageError, kind: "unknown_name", reason: "#{name}: its type is not known"
      if Enum.any?(numbers, &is_list/1), do: raise(UsageError, kind: "dtype", reason: "#{name}: a list of lists")
      {name, %TensorData{data: Enum.map(numbers, &convert(&1, dtype)), dtype: dtype, shape: [length(numbers)]}}
    end)
  end

  defp dtype("f" <> _, _), do: :float32
  defp dtype("i" <> _, _), do: :int64
  defp dtype("u" <> _, %{casts: true}), do: :int64
  defp dtype(_, _), do: nil

  defp shape([first | _] = list), do: [length(list) | shape(first)]
  defp shape([]), do: [0]
  defp shape(_), do: []

  # A number is as exact as its kind; 0.4.1 lets doubles be what they are, and only says that they are float32.
  defp bits("f16", _), do: 16
  defp bits("f64", %{casts: false}), do: 64
  defp bits(_, _), do: 32

  defp cast(number, nil), do: trunc(number)

  defp cast(number, bits) do
    <<rounded::float-size(^bits)>> = <<number::float-size(bits)>>
    rounded
  end

  defp convert(number, :float32), do: number / 1
  defp convert(number, :int64), do: trunc(number)
end
