defmodule Tinkex.Chunks do
  @moduledoc "Splits a batch into chunks that one request can carry."

  alias Tinker.{Datum, TensorData}
  alias Tinkex.ModelInput

  @max_length 128
  @max_numbers 500_000

  @doc """
  Splits in order. A chunk has at most 128 items, and 500,000 numbers; an item that is larger stands alone. `size` counts the
  numbers of an item.
  """
  @spec split([item], (item -> non_neg_integer())) :: [[item]] when item: term()
  def split(items, size \\ &numbers/1) do
    Enum.chunk_while(
      items,
      {[], 0, 0},
      fn item, {chunk, count, total} ->
        more = size.(item)

        if count > 0 and (count == @max_length or total + more > @max_numbers),
          do: {:cont, Enum.reverse(chunk), {[item], 1, more}},
          else: {:cont, {[item | chunk], count + 1, total + more}}
      end,
      fn
        {[], _, _} -> {:cont, nil}
        {chunk, _, _} -> {:cont, Enum.reverse(chunk), nil}
      end
    )
  end

  @doc "Tokens of the input and numbers of the tensors."
  @spec numbers(Datum.t()) :: non_neg_integer()
  def numbers(%Datum{model_input: input, loss_fn_inputs: tensors}) do
    ModelInput.length(input) + Enum.sum_by(Map.values(tensors), fn %TensorData{data: data} -> length(data) end)
  end

  @doc "The `seq_id`s of chunks in the order in which they are sent; all of them are taken before the first is."
  @spec seq_ids(integer(), non_neg_integer()) :: [integer()]
  def seq_ids(first, count), do: Enum.to_list(first..(first + count - 1)//1)
end
