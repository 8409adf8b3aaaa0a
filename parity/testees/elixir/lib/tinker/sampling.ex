# Samples.

defmodule Tinker.CreateSamplingSessionRequest do
  @moduledoc "Starts sampling from a base model or from saved weights (a tinker:// URI)."
  use Tinker.Wire.Message, literal: {"type", "create_sampling_session"}

  field :session_id, :string
  field :sampling_session_seq_id, :int64
  field :base_model, :string, presence: :omit_or_null
  field :model_path, :string, presence: :omit_or_null
end

defmodule Tinker.CreateSamplingSessionResponse do
  @moduledoc "The sampling session."
  use Tinker.Wire.Message, unknown: :ignore, literal: {"type", "create_sampling_session"}

  field :sampling_session_id, :string
end

defmodule Tinker.Stop do
  @moduledoc "A text, texts, or token ids."
  use Tinker.Wire.Union

  arm :string
  arm {:list, :string}
  arm {:list, :int64}
end

defmodule Tinker.SamplingParams do
  @moduledoc "How tokens are drawn; `top_k` -1 keeps all candidates."
  use Tinker.Wire.Message, unknown: :ignore

  field :max_tokens, :int32, presence: :omit_or_null
  field :seed, :int64, presence: :omit_or_null
  field :stop, Tinker.Stop, presence: :omit_or_null
  field :temperature, :float, default: 1.0
  field :top_k, :int32, default: -1
  field :top_p, :float, default: 1.0
end

defmodule Tinker.SampleRequest do
  @moduledoc "Asks for `num_samples` continuations of a prompt."
  use Tinker.Wire.Message, literal: {"type", "sample"}

  field :num_samples, :int32, default: 1
  field :prompt, Tinker.ModelInput
  field :sampling_params, Tinker.SamplingParams
  field :base_model, :string, presence: :omit_or_null
  field :model_path, :string, presence: :omit_or_null
  field :sampling_session_id, :string, presence: :omit_or_null
  field :seq_id, :int64, presence: :omit_or_null
  field :prompt_logprobs, :boolean, presence: :omit_or_null
  field :topk_prompt_logprobs, :int32, default: 0
  field :topk_sample_logprobs, :int32, default: 0, only: [:"tinker-0.38"]
  field :target_prompt_logprobs, Tinker.TensorData, presence: :omit_or_null, only: [:"tinker-0.38"]
  field :prompt_alt_tokens_k, :int32, default: 0, only: [:"tinker-0.38"]
  field :prompt_logprobs_last_n, :int32, presence: :omit_or_null, only: [:"tinker-0.38"]
  field :record_stability_info, :boolean, presence: :omit_or_null, only: [:"tinker-0.38"]
end

defmodule Tinker.StopReason do
  @moduledoc "Why sampling ended."
  use Tinker.Wire.Enumeration, values: [length: "length", stop: "stop"]
end

defmodule Tinker.SampledSequence do
  @moduledoc "One sample."
  use Tinker.Wire.Message, unknown: :ignore

  field :stop_reason, Tinker.StopReason
  field :tokens, {:list, :int64}
  field :logprobs, {:list, :float}, presence: :omit_or_null
end

defmodule Tinker.SampleResponse do
  @moduledoc """
  The samples. `prompt_logprobs` has one entry per prompt token, nil where there is none; top-k candidates are pairs of token
  id and logprob.
  """
  use Tinker.Wire.Message, unknown: :ignore, literal: {"type", "sample"}

  field :sequences, {:list, Tinker.SampledSequence}
  field :prompt_logprobs, {:list, {:nullable, :float}}, presence: :omit_or_null
  field :topk_prompt_logprobs, {:list, {:nullable, {:list, {:list, :json}}}}, presence: :omit_or_null
end
