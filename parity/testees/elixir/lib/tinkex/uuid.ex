defmodule Tinkex.Uuid do
  @moduledoc "Random UUIDs."

  @doc "Of version 4."
  @spec v4() :: String.t()
  def v4 do
    <<a::32, b::16, _::4, c::12, _::2, d::62>> = :crypto.strong_rand_bytes(16)
    hex = Base.encode16(<<a::32, b::16, 4::4, c::12, 2::2, d::62>>, case: :lower)
    <<one::binary-8, two::binary-4, three::binary-4, four::binary-4, five::binary-12>> = hex
    Enum.join([one, two, three, four, five], "-")
  end
end
