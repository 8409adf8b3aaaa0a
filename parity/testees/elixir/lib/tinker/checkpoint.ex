# Checkpoints as the REST endpoints list and manage them. An id is "weights/0001" or "sampler_weights/0001".

defmodule Tinker.CheckpointType do
  @moduledoc "What a checkpoint is for."
  use Tinker.Wire.Enumeration,
    values: [training: "training", sampler: "sampler", external: "external"],
    only: [external: [:"tinker-0.38"]]
end

defmodule Tinker.Checkpoint do
  @moduledoc "Saved weights. `size_bytes` in bytes."
  use Tinker.Wire.Message, unknown: :ignore

  field :checkpoint_id, :string
  field :checkpoint_type, Tinker.CheckpointType
  field :time, :timestamp
  field :tinker_path, :string
  field :size_bytes, :int64, presence: :omit_or_null
  field :public, :boolean, default: false
  field :user_metadata, {:map, :string}, presence: :omit_or_null, only: [:"tinker-0.38"]
  field :expires_at, :timestamp, presence: :omit_or_null, only: [:"tinker-0.38"]
end

defmodule Tinker.Cursor do
  @moduledoc "Where a page stands; there is a next one while offset + limit < total_count."
  use Tinker.Wire.Message, unknown: :ignore

  field :offset, :int64
  field :limit, :int64
  field :total_count, :int64
end

defmodule Tinker.ListUserCheckpointsRequest do
  @moduledoc "Query of GET /checkpoints."
  use Tinker.Wire.Message

  field :limit, :int32, default: 100
  field :offset, :int32, default: 0
end

defmodule Tinker.ListCheckpointsRequest do
  @moduledoc "Whose checkpoints to list."
  use Tinker.Wire.Message

  field :training_run_id, :string
end

defmodule Tinker.CheckpointsListResponse do
  @moduledoc "A page, or all."
  use Tinker.Wire.Message, unknown: :ignore

  field :checkpoints, {:list, Tinker.Checkpoint}
  field :cursor, Tinker.Cursor, presence: :omit_or_null
end

defmodule Tinker.CheckpointRequest do
  @moduledoc "Names one checkpoint."
  use Tinker.Wire.Message

  field :training_run_id, :string
  field :checkpoint_id, :string
end

defmodule Tinker.CheckpointArchiveUrlResponse do
  @moduledoc "Where an archive can be fetched, and until when."
  use Tinker.Wire.Message, unknown: :ignore

  field :url, :string
  field :expires, :timestamp
end
