defmodule Tinkex.PythonHash do
  @moduledoc "The hash that CPython gives a tuple of integers, on machines of 64 bits."

  import Bitwise

  @word 0xFFFFFFFFFFFFFFFF
  @prime_1 11_400_714_785_074_694_791
  @prime_2 14_029_467_366_897_019_727
  @prime_5 2_870_177_450_012_600_261
  @modulus (1 <<< 61) - 1

  @doc "A signed integer of 64 bits."
  @spec tuple([integer()]) :: integer()
  def tuple(integers) do
    hashed = Enum.reduce(integers, @prime_5, &lane/2)

    case hashed + bxor(length(integers), bxor(@prime_5, 3_527_539)) &&& @word do
      @word -> 1_546_275_796
      sum -> signed(sum)
    end
  end

  defp lane(number, hashed) do
    sum = hashed + (integer(number) &&& @word) * @prime_2 &&& @word
    rotated = (sum <<< 31 ||| sum >>> 33) &&& @word
    rotated * @prime_1 &&& @word
  end

  defp integer(number) do
    case if(number < 0, do: -rem(-number, @modulus), else: rem(number, @modulus)) do
      -1 -> -2
      hash -> hash
    end
  end

  defp signed(word) when word >= 1 <<< 63, do: word - (1 <<< 64)
  defp signed(word), do: word
end
