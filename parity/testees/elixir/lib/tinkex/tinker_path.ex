defmodule Tinkex.TinkerPath do
  @moduledoc ~S(Where saved weights are: "tinker://run-1/weights/0001".)

  alias Tinkex.UsageError

  @enforce_keys [:run, :kind, :name]
  defstruct @enforce_keys

  @type t :: %__MODULE__{run: String.t(), kind: String.t(), name: String.t()}

  @doc ~S(Raises `Tinkex.UsageError` with kind `"bad_path"`.)
  @spec parse!(String.t()) :: t()
  def parse!("tinker://" <> rest = path) do
    case String.split(rest, "/") do
      [run, kind, name] when kind in ["weights", "sampler_weights"] -> %__MODULE__{run: run, kind: kind, name: name}
      _ -> bad(path)
    end
  end

  def parse!(path), do: bad(path)

  @doc ~S(The id of the checkpoint in its run: "weights/0001".)
  @spec checkpoint_id(t()) :: String.t()
  def checkpoint_id(path), do: "#{path.kind}/#{path.name}"

  defp bad(path) do
    raise UsageError, kind: "bad_path", reason: "#{inspect(path)} is not like tinker://run-id/weights/0001"
  end
end
