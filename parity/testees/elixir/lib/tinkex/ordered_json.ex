defmodule Tinkex.OrderedJson do
  @moduledoc "JSON whose objects keep their order."

  @type t :: {:object, [{String.t(), t()}]} | [t()] | String.t() | number() | boolean() | nil

  @doc "Objects are `{:object, pairs}`; `:error` for what is no JSON."
  @spec decode(String.t()) :: {:ok, t()} | :error
  def decode(text) do
    finish = fn pairs, parent -> {{:object, Enum.reverse(pairs)}, parent} end

    case JSON.decode(text, nil, object_start: fn _ -> [] end, object_push: &[{&1, &2} | &3], object_finish: finish) do
      {value, _, rest} -> if String.trim(rest) == "", do: {:ok, value}, else: :error
      {:error, _} -> :error
    end
  end
end
