defmodule Tinkex.ModelInput do
  @moduledoc "Lengths of model inputs, in tokens."

  alias Tinker.{EncodedTextChunk, ImageAssetPointerChunk, ImageChunk, ModelInput}

  @doc "Of text."
  @spec from_tokens([integer()]) :: ModelInput.t()
  def from_tokens(tokens), do: %ModelInput{chunks: [%EncodedTextChunk{tokens: tokens}]}

  @spec length(ModelInput.t()) :: non_neg_integer()
  def length(%ModelInput{chunks: chunks}), do: Enum.sum_by(chunks, &tokens/1)

  defp tokens(%EncodedTextChunk{tokens: tokens}), do: Kernel.length(tokens)
  defp tokens(%ImageChunk{tokens: tokens}), do: tokens
  defp tokens(%ImageAssetPointerChunk{tokens: tokens}), do: tokens
end
