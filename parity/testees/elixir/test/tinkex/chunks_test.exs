defmodule Tinkex.ChunksTest do
  use ExUnit.Case, async: true

  alias Tinker.{Datum, ImageChunk, TensorData}
  alias Tinkex.{Chunks, ModelInput}

  test "128 items, 500,000 numbers; what is larger stands alone" do
    assert sizes(List.duplicate(1, 300)) == [128, 128, 44]
    assert sizes([250_000, 250_000, 1]) == [2, 1]
    assert sizes([1, 500_001, 1]) == [1, 1, 1]
    assert sizes([]) == []
  end

  test "numbers of a datum are tokens and tensors" do
    input = ModelInput.from_tokens([1, 2, 3])
    image = %ImageChunk{data: "", format: :png, height: 1, tokens: 7, width: 1}
    tensor = %TensorData{data: [1, 2], dtype: :int64}
    assert Chunks.numbers(%Datum{model_input: input, loss_fn_inputs: %{"a" => tensor, "b" => tensor}}) == 7
    assert Chunks.numbers(%Datum{model_input: %{input | chunks: [image]}, loss_fn_inputs: %{}}) == 7
  end

  defp sizes(items), do: items |> Chunks.split(& &1) |> Enum.map(&length/1)
end
