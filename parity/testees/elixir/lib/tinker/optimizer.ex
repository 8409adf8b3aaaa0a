# Optimizers: how a model is set up (config) and how one step is taken (params).

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

defmodule Tinker.AdamParams do
  @moduledoc "One Adam step; 0.4.1 sends only what the caller gave."
  use Tinker.Wire.Message

  field :learning_rate, :float, default: 0.0001
  field :beta1, :float, default: 0.9
  field :beta2, :float, default: 0.95
  field :eps, :float, default: 1.0e-12
  field :weight_decay, :float, default: 0.0, only: [:"tinker-0.38"]
  field :grad_clip_norm, :float, default: 0.0, only: [:"tinker-0.38"]
end

defmodule Tinker.DimuonParams do
  @moduledoc "One Dimuon step."
  use Tinker.Wire.Message, literal: {"type", "dimuon"}, required: true

  field :learning_rate, {:float, 0, :infinity}
  field :grad_clip_norm, :float, default: 0.0
  # Below 1: the bound is the last float before it.
  field :beta1, {:float, 0, 0.9999999999999999}, default: 0.9
end

defmodule Tinker.OptimizerParams do
  @moduledoc "Params of every other optimizer; the set is open."
  use Tinker.Wire.Union

  arm Tinker.DimuonParams
  arm Tinker.OtherOptimizer
end

defmodule Tinker.OptimStepRequest do
  @moduledoc "One step on the gradients gathered so far; `seq_id` is the place in the model's order of requests, from 1."
  use Tinker.Wire.Message, literal: {"type", "optim_step"}, one_of: [:adam_params, :optimizer_params]

  field :adam_params, Tinker.AdamParams, presence: :one_of
  field :optimizer_params, Tinker.OptimizerParams, presence: :one_of, only: [:"tinker-0.38"]
  field :model_id, :string
  field :seq_id, :int64, presence: :omit_or_null
end

defmodule Tinker.OptimStepResponse do
  @moduledoc "Metrics by name, as they came."
  use Tinker.Wire.Message, unknown: :ignore

  field :metrics, {:map, :float}, presence: :omit_or_null
end
