# Saving and loading weights.

defmodule Tinker.SaveWeightsRequest do
  @moduledoc "Saves a model; `path` is a bare name."
  use Tinker.Wire.Message, literal: {"type", "save_weights"}

  field :model_id, :string
  field :path, :string, presence: :omit_or_null
  field :seq_id, :int64, presence: :omit_or_null
  field :ttl_seconds, :int64, presence: :omit_or_null, only: [:"tinker-0.38"]
  field :overwrite, :boolean, default: false, only: [:"tinker-0.38"]
  field :user_metadata, {:map, :string}, presence: :omit_or_null, only: [:"tinker-0.38"]
end

defmodule Tinker.LoadWeightsRequest do
  @moduledoc "Loads a checkpoint; `path` is a tinker:// URI. 0.38 demands `optimizer`, tinkex takes missing for false."
  use Tinker.Wire.Message, literal: {"type", "load_weights"}

  field :model_id, :string, per: ["tinker-0.38": [presence: :omit_or_null]]
  field :path, :string
  field :seq_id, :int64, presence: :omit_or_null
  field :session_id, :string, presence: :omit_or_null, only: [:"tinker-0.38"]
  field :model_seq_id, :int64, presence: :omit_or_null, only: [:"tinker-0.38"]
  field :base_model, :string, presence: :omit_or_null, only: [:"tinker-0.38"]
  field :user_metadata, :object, presence: :omit_or_null, only: [:"tinker-0.38"]
  field :optimizer, :boolean, only: [:"tinker-0.38", :tinkex], per: [tinkex: [default: false]]
  field :optimizer_config, Tinker.OptimizerConfig, presence: :omit_or_null, only: [:"tinker-0.38"]
  field :weights_access_token, :string, presence: :omit_or_null, only: [:"tinker-0.38"]
end

defmodule Tinker.SaveWeightsResponse do
  @moduledoc "`path` is a tinker:// URI."
  use Tinker.Wire.Message, unknown: :ignore, literal: {"type", "save_weights"}

  field :path, :string
end

defmodule Tinker.LoadWeightsResponse do
  @moduledoc "The weights are loaded."
  use Tinker.Wire.Message, unknown: :ignore, literal: {"type", "load_weights"}

  field :path, :string, presence: :omit_or_null
  field :model_id, :string, presence: :omit_or_null, only: [:"tinker-0.38"]
end

defmodule Tinker.SamplingClientKind do
  @moduledoc "Whether a sampler keeps the weights it was made with, or follows later saves."
  use Tinker.Wire.Enumeration, values: [snapshot: "snapshot", inflight: "inflight"]
end

defmodule Tinker.SaveWeightsForSamplerRequest do
  @moduledoc "Saves weights to sample from: under a name (`path`), or for one sampling session only."
  use Tinker.Wire.Message, literal: {"type", "save_weights_for_sampler"}

  field :model_id, :string
  field :path, :string, presence: :omit_or_null
  field :sampling_session_seq_id, :int64, presence: :omit_or_null
  field :kind, Tinker.SamplingClientKind, default: "snapshot", only: [:"tinker-0.38"]
  field :seq_id, :int64, presence: :omit_or_null
  field :ttl_seconds, :int64, presence: :omit_or_null, only: [:"tinker-0.38"]
  field :user_metadata, {:map, :string}, presence: :omit_or_null, only: [:"tinker-0.38"]
end

defmodule Tinker.SaveWeightsForSamplerResponse do
  @moduledoc "A tinker:// URI for a named save, a sampling session for one without."
  use Tinker.Wire.Message, unknown: :ignore, literal: {"type", "save_weights_for_sampler"}

  field :path, :string, presence: :omit_or_null
  field :sampling_session_id, :string, presence: :omit_or_null
end

defmodule Tinker.WeightsInfoRequest do
  @moduledoc "Asks what a checkpoint was trained from."
  use Tinker.Wire.Message

  field :tinker_path, :string
end

defmodule Tinker.WeightsInfoResponse do
  @moduledoc "What a checkpoint was trained from."
  use Tinker.Wire.Message, unknown: :ignore

  field :base_model, :string
  field :optimizer_config, Tinker.OptimizerConfig, default: %{"type" => "adamw"}, only: [:"tinker-0.38"]
  field :is_lora, :boolean
  field :lora_rank, :int32, presence: :omit_or_null
  field :train_unembed, :boolean, presence: :omit_or_null, only: [:"tinker-0.38"]
  field :train_mlp, :boolean, presence: :omit_or_null, only: [:"tinker-0.38"]
  field :train_attn, :boolean, presence: :omit_or_null, only: [:"tinker-0.38"]
end
