# Tensors, examples, and passes over them.

defmodule Tinker.TensorDtype do
  @moduledoc "What the numbers of a tensor are meant as."
  use Tinker.Wire.Enumeration, values: [int64: "int64", float32: "float32"]
end

defmodule Tinker.TensorValues do
  @moduledoc "Integers; floats where one of the numbers has a fraction."
  use Tinker.Wire.Union

  arm {:list, :int64}
  arm {:list, :float}
end

defmodule Tinker.TensorData do
  @moduledoc "A tensor, flattened with the last dimension fastest."
  use Tinker.Wire.Message

  field :data, Tinker.TensorValues
  field :dtype, Tinker.TensorDtype
  field :shape, {:list, :int64}, presence: :omit_or_null
  field :sparse_crow_indices, {:list, :int64}, presence: :omit_or_null, only: [:"tinker-0.38"]
  field :sparse_col_indices, {:list, :int64}, presence: :omit_or_null, only: [:"tinker-0.38"]
end

defmodule Tinker.Datum do
  @moduledoc "One training example."
  use Tinker.Wire.Message

  field :loss_fn_inputs, {:map, Tinker.TensorData}
  field :model_input, Tinker.ModelInput
end

defmodule Tinker.LossFnType do
  @moduledoc "The name of a loss; 0.38 has more of them."
  use Tinker.Wire.Enumeration,
    values: [
      cross_entropy: "cross_entropy",
      importance_sampling: "importance_sampling",
      ppo: "ppo",
      cispo: "cispo",
      dro: "dro",
      gspo: "gspo",
      stable_reinforce: "stable_reinforce",
      custom: "custom"
    ],
    only: for(name <- [:cispo, :dro, :gspo, :stable_reinforce, :custom], do: {name, [:"tinker-0.38"]})
end

defmodule Tinker.LossFnConfigValue do
  @moduledoc "A number, in 0.38 also a text."
  use Tinker.Wire.Union

  arm :float
  arm :string, only: [:"tinker-0.38"]
end

defmodule Tinker.ForwardBackwardInput do
  @moduledoc "A batch and its loss."
  use Tinker.Wire.Message

  field :data, {:list, Tinker.Datum}
  field :loss_fn, Tinker.LossFnType
  field :loss_fn_config, {:map, Tinker.LossFnConfigValue}, presence: :omit_or_null
end

defmodule Tinker.ForwardBackwardRequest do
  @moduledoc "Asks for gradients."
  use Tinker.Wire.Message

  field :forward_backward_input, Tinker.ForwardBackwardInput
  field :model_id, :string
  field :seq_id, :int64, presence: :omit_or_null
end

defmodule Tinker.ForwardRequest do
  @moduledoc "Asks for a pass without gradients."
  use Tinker.Wire.Message

  field :forward_input, Tinker.ForwardBackwardInput
  field :model_id, :string
  field :seq_id, :int64, presence: :omit_or_null
end

defmodule Tinker.ForwardBackwardOutput do
  @moduledoc ~S(One map of tensors per datum, and metrics by "name:reduction".)
  use Tinker.Wire.Message, unknown: :ignore

  field :loss_fn_output_type, :string
  field :loss_fn_outputs, {:list, {:map, Tinker.TensorData}}
  field :metrics, {:map, :float}
end
