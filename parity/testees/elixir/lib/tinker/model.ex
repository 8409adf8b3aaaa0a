# Models under training: creating, describing and unloading them.

defmodule Tinker.LoraConfig do
  @moduledoc "Which parts of the base model get adapters, and of which rank."
  use Tinker.Wire.Message

  field :rank, :int32
  field :seed, :int64, presence: :omit_or_null
  field :train_unembed, :boolean, default: true
  field :train_mlp, :boolean, default: true
  field :train_attn, :boolean, default: true
end

defmodule Tinker.CreateModelRequest do
  @moduledoc "Creates a model in a session; `model_seq_id` counts from 0."
  use Tinker.Wire.Message, literal: {"type", "create_model"}

  field :session_id, :string
  field :model_seq_id, :int64
  field :base_model, :string
  field :user_metadata, :object, presence: :omit_or_null
  field :lora_config, Tinker.LoraConfig, presence: :omit_or_null
  field :optimizer_config, Tinker.OptimizerConfig, default: %{"type" => "adamw"}, only: [:"tinker-0.38"]
end

defmodule Tinker.CreateModelResponse do
  @moduledoc "The new model."
  use Tinker.Wire.Message, unknown: :ignore, literal: {"type", "create_model"}

  field :model_id, :string
end

defmodule Tinker.GetInfoRequest do
  @moduledoc "Asks what a model is."
  use Tinker.Wire.Message, literal: {"type", "get_info"}

  field :model_id, :string
end

defmodule Tinker.ModelData do
  @moduledoc "Architecture, name and tokenizer."
  use Tinker.Wire.Message, unknown: :ignore

  field :arch, :string, presence: :omit_or_null
  field :model_name, :string, presence: :omit_or_null
  field :tokenizer_id, :string, presence: :omit_or_null
end

defmodule Tinker.GetInfoResponse do
  @moduledoc "What a model is."
  use Tinker.Wire.Message, unknown: :ignore, literal: {"type", "get_info"}

  field :model_data, Tinker.ModelData
  field :model_id, :string
  field :optimizer_config, Tinker.OptimizerConfig, default: %{"type" => "adamw"}, only: [:"tinker-0.38"]
  field :is_lora, :boolean, presence: :omit_or_null
  field :lora_rank, :int32, presence: :omit_or_null
  field :model_name, :string, presence: :omit_or_null
end

defmodule Tinker.UnloadModelRequest do
  @moduledoc "Frees a model."
  use Tinker.Wire.Message, literal: {"type", "unload_model"}

  field :model_id, :string
end

defmodule Tinker.UnloadModelResponse do
  @moduledoc "The model that is gone."
  use Tinker.Wire.Message, unknown: :ignore, literal: {"type", "unload_model"}

  field :model_id, :string
end
