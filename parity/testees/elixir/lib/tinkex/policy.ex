defmodule Tinkex.Policy do
  @moduledoc """
  What the generations of Tinker clients do differently: `tinkex` is the client of the seed documents, `tinker-0.4.1` the Python
  SDK of that release. Where the seeds are silent, tinkex does what 0.4.1 does.

    * `unique_from`: number in the suffix of a second value of a `unique` metric
    * `conflict`: whether HTTP 409 is tried again
    * `lost`: whether a call without an answer is tried again
    * `retry_after`: statuses whose Retry-After counts, or `:all`
    * `fold_category`: whether the case of an error's category is folded
    * `retry_failed`: by whose fault a sample may have failed that is tried again
    * `envelope`: whether results come as `{"status": "completed", "result": …}`, and what is not ready is waited for
    * `casts`: whether the numbers of a tensor are converted to its type
    * `sample_backoff`: how long samples wait after HTTP 429: `:server` (what it says, or a second) or seconds
    * `shared_backoff`: whether that holds for all clients of a base URL and API key, or for those of one service client
    * `weights_info`: whether a training run is restored from what the server knows of the checkpoint
    * `load_optimizer`: whether LoadWeightsRequest says `optimizer`
    * `idempotency_prefix`: what a key that marks all tries of a request begins with
    * `headers`: how the client tells the server what it is
  """

  alias Tinker.Wire.Dialect

  @enforce_keys [:name, :wire, :headers]
  defstruct @enforce_keys ++
              [
                unique_from: 1,
                conflict: true,
                lost: true,
                retry_after: :all,
                fold_category: false,
                retry_failed: [],
                envelope: false,
                casts: false,
                sample_backoff: 1.0,
                shared_backoff: false,
                weights_info: false,
                load_optimizer: false,
                idempotency_prefix: "stainless-python-retry-",
                sdk_version: "0.4.1"
              ]

  @type t :: %__MODULE__{name: String.t(), wire: Dialect.t()}

  @doc "By name; raises KeyError for a generation that is not spoken here."
  @spec fetch!(String.t()) :: t()
  def fetch!(name), do: Map.fetch!(all(), name)

  @doc "Their names."
  def names, do: Map.keys(all())

  defp all do
    %{
      "tinker-0.4.1" => %__MODULE__{
        name: "tinker-0.4.1",
        wire: wire(:"tinker-0.4.1"),
        headers:
          Map.merge(machine(), %{"user-agent" => "Tinker/Elixir 0.4.1", "x-stainless-package-version" => "0.4.1"})
      },
      "tinkex" => %__MODULE__{
        name: "tinkex",
        wire: wire(:tinkex),
        headers: %{"user-agent" => "Tinkex/0.4.1"},
        unique_from: 2,
        conflict: false,
        lost: false,
        retry_after: [429],
        fold_category: true,
        retry_failed: [:server, :unknown],
        envelope: true,
        casts: true,
        sample_backoff: :server,
        shared_backoff: true,
        weights_info: true,
        load_optimizer: true,
        idempotency_prefix: "tinkex-retry-"
      }
    }
  end

  defp machine do
    [architecture | _] = :erlang.system_info(:system_architecture) |> to_string() |> String.split("-")

    %{
      "x-stainless-os" => if(:os.type() == {:unix, :darwin}, do: "MacOS", else: "Linux"),
      "x-stainless-arch" => %{"x86_64" => "x64", "aarch64" => "arm64"}[architecture] || architecture
    }
  end

  defp wire(name), do: Enum.find(Tinker.dialects(), &(&1.name == name))
end
