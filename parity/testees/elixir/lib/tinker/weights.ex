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

defmodule Tinker.AdamOptimizerConfig do
  @moduledoc "The usual optimizer."
  use Tinker.Wire.Message, literal: {"type", "adamw"}, required: true
end

defmodule Tinker.DimuonOptimizerConfig do
  @moduledoc "There is only version 1 so far."
  use Tinker.Wire.Message, literal: {"type", "dimuon"}, required: true

  field :version, {:int, 1..1}, default: 1
end

defmodule Tinker.OtherOptimizer do
  @moduledoc "An optimizer that is not known here passes through whole."
  use Tinker.Wire.Message, unknown: :keep

  field :type, :string
end

defmodule Tinker.OptimizerConfig do
  @moduledoc "The optimizer of a model; the set is open."
  use Tinker.Wire.Union

  arm Tinker.AdamOptimizerConfig
  arm Tinker.DimuonOptimizerConfig
  arm Tinker.OtherOptimizer
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
