# Training runs: what a model is called once it is looked at from outside.

defmodule Tinker.TrainingRun do
  @moduledoc "A run; its id is the model's."
  use Tinker.Wire.Message, unknown: :ignore

  field :training_run_id, :string
  field :base_model, :string
  field :model_owner, :string
  field :is_lora, :boolean
  field :corrupted, :boolean, default: false
  field :lora_rank, :int32, presence: :omit_or_null
  field :last_request_time, :timestamp
  field :last_checkpoint, Tinker.Checkpoint, presence: :omit_or_null
  field :last_sampler_checkpoint, Tinker.Checkpoint, presence: :omit_or_null
  field :user_metadata, {:map, :string}, presence: :omit_or_null
end

defmodule Tinker.AccessScope do
  @moduledoc "Whose things to show."
  use Tinker.Wire.Enumeration, values: [owned: "owned", accessible: "accessible"]
end

defmodule Tinker.ListTrainingRunsRequest do
  @moduledoc "Query of GET /training_runs."
  use Tinker.Wire.Message

  field :limit, :int32, default: 20
  field :offset, :int32, default: 0
  field :access_scope, Tinker.AccessScope, default: "owned", only: [:"tinker-0.38"]
  field :project_id, :string, presence: :omit, only: [:"tinker-0.38"]
end

defmodule Tinker.TrainingRunsResponse do
  @moduledoc "A page."
  use Tinker.Wire.Message, unknown: :ignore

  field :training_runs, {:list, Tinker.TrainingRun}
  field :cursor, Tinker.Cursor
end

defmodule Tinker.GetTrainingRunRequest do
  @moduledoc "Names one run."
  use Tinker.Wire.Message

  field :training_run_id, :string
  field :access_scope, Tinker.AccessScope, default: "owned", only: [:"tinker-0.38"]
end
