# Answers to the question whether a result is ready.

defmodule Tinker.UntypedAPIFuture do
  @moduledoc "The promise of a result."
  use Tinker.Wire.Message, unknown: :ignore

  field :request_id, :string
  field :model_id, :string, presence: :omit_or_null
  field :sample_sequence_ids, {:list, :string}, presence: :omit_or_null, only: [:"tinker-0.38"]
end

defmodule Tinker.FutureRetrieveRequest do
  @moduledoc "Asks for a result."
  use Tinker.Wire.Message

  field :request_id, :string
  field :allow_metadata_only, :boolean, default: false, only: [:"tinker-0.38"]
end

defmodule Tinker.QueueState do
  @moduledoc "Why the server does not work on a request yet."
  use Tinker.Wire.Enumeration,
    values: [
      unknown: "unknown",
      active: "active",
      paused_capacity: "paused_capacity",
      paused_rate_limit: "paused_rate_limit"
    ],
    fallback: :unknown
end

defmodule Tinker.RequestErrorCategory do
  @moduledoc "Whose fault it was."
  use Tinker.Wire.Enumeration,
    values: [unknown: "unknown", server: "server", user: "user"],
    fallback: :unknown,
    fold: [:tinkex]
end

defmodule Tinker.TryAgainResponse do
  @moduledoc "Not ready. `retry_after_ms` in milliseconds."
  use Tinker.Wire.Message, unknown: :ignore, literal: {"type", "try_again"}, required: true

  field :request_id, :string, per: [tinkex: [presence: :omit]]
  field :queue_state, Tinker.QueueState
  field :queue_state_reason, :string, presence: :omit_or_null, only: [:"tinker-0.38"]
  field :retry_after_ms, :int64, presence: :omit, only: [:tinkex]
end

defmodule Tinker.FutureTimeout do
  @moduledoc "Body of HTTP 408."
  use Tinker.Wire.Message, unknown: :ignore

  field :queue_state, Tinker.QueueState, presence: :omit_or_null
  field :queue_state_reason, :string, presence: :omit_or_null, only: [:"tinker-0.38"]
end

defmodule Tinker.FutureMetadata do
  @moduledoc "Ready, and this large, in bytes."
  use Tinker.Wire.Message, unknown: :ignore, literal: {"status", "complete_metadata"}, required: true

  field :response_payload_size, :int64, default: 0
end

defmodule Tinker.RequestFailedResponse do
  @moduledoc "A failure as the SDKs know it."
  use Tinker.Wire.Message, unknown: :ignore

  field :error, :string
  field :category, Tinker.RequestErrorCategory, default: "unknown"
end

defmodule Tinker.FuturePendingResponse do
  @moduledoc "Not ready, in the envelope of tinkex."
  use Tinker.Wire.Message, unknown: :ignore, literal: {"status", "pending"}, required: true
end

defmodule Tinker.FutureCompletedResponse do
  @moduledoc "A result in the envelope of tinkex; only the request tells its type."
  use Tinker.Wire.Message, unknown: :ignore, literal: {"status", "completed"}, required: true

  field :result, :object
end

defmodule Tinker.FutureError do
  @moduledoc "What went wrong, and whose fault it was."
  use Tinker.Wire.Message, unknown: :ignore

  field :message, :string, presence: :omit_or_null
  field :category, Tinker.RequestErrorCategory, default: "unknown"
end

defmodule Tinker.FutureFailedResponse do
  @moduledoc "A failure in the envelope of tinkex."
  use Tinker.Wire.Message, unknown: :ignore, literal: {"status", "failed"}, required: true

  field :error, Tinker.FutureError
end

defmodule Tinker.FutureRetrieveResponse do
  @moduledoc "The SDKs get the bare result: an object whose type only the request tells."
  use Tinker.Wire.Union

  arm Tinker.TryAgainResponse
  arm Tinker.FutureMetadata, only: [:"tinker-0.38"]
  arm Tinker.FuturePendingResponse, only: [:tinkex]
  arm Tinker.FutureCompletedResponse, only: [:tinkex]
  arm Tinker.FutureFailedResponse, only: [:tinkex]
  arm Tinker.RequestFailedResponse, only: [:"tinker-0.4.1", :"tinker-0.38"]
  arm :object, only: [:"tinker-0.4.1", :"tinker-0.38"]
end
