# What clients report about themselves.

defmodule Tinker.Severity do
  @moduledoc "The weight of an event."
  use Tinker.Wire.Enumeration,
    values: [debug: "DEBUG", info: "INFO", warning: "WARNING", error: "ERROR", critical: "CRITICAL"]
end

defmodule Tinker.SessionStartEvent do
  @moduledoc "The first event of a session. `event_session_index` counts from 0."
  use Tinker.Wire.Message, unknown: :ignore, literal: {"event", "SESSION_START"}, required: true

  field :event_id, :string
  field :event_session_index, :int64
  field :severity, Tinker.Severity
  field :timestamp, :timestamp
end

defmodule Tinker.SessionEndEvent do
  @moduledoc ~S(The last one. `duration` as Python prints it: "0:00:13.557000".)
  use Tinker.Wire.Message, unknown: :ignore, literal: {"event", "SESSION_END"}, required: true

  field :duration, :string
  field :event_id, :string
  field :event_session_index, :int64
  field :severity, Tinker.Severity
  field :timestamp, :timestamp
end

defmodule Tinker.UnhandledExceptionEvent do
  @moduledoc "A crash."
  use Tinker.Wire.Message, unknown: :ignore, literal: {"event", "UNHANDLED_EXCEPTION"}, required: true

  field :error_message, :string
  field :error_type, :string
  field :event_id, :string
  field :event_session_index, :int64
  field :severity, Tinker.Severity
  field :timestamp, :timestamp
  field :traceback, :string, presence: :omit_or_null
end

defmodule Tinker.GenericEvent do
  @moduledoc "Everything else, by name."
  use Tinker.Wire.Message, unknown: :ignore, literal: {"event", "GENERIC_EVENT"}, required: true

  field :event_id, :string
  field :event_name, :string
  field :event_session_index, :int64
  field :severity, Tinker.Severity
  field :timestamp, :timestamp
  field :event_data, :object, default: %{}
end

defmodule Tinker.TelemetryEvent do
  @moduledoc "Any of the four events."
  use Tinker.Wire.Union, tag: "event"

  arm Tinker.SessionStartEvent
  arm Tinker.SessionEndEvent
  arm Tinker.UnhandledExceptionEvent
  arm Tinker.GenericEvent
end

defmodule Tinker.TelemetrySendRequest do
  @moduledoc "Reports what a client did."
  use Tinker.Wire.Message

  field :events, {:list, Tinker.TelemetryEvent}
  field :platform, :string
  field :sdk_version, :string
  field :session_id, :string
  field :process_uuid, :string, only: [:"tinker-0.38"]
end

defmodule Tinker.TelemetryResponse do
  @moduledoc "Says that the events have arrived."
  use Tinker.Wire.Message, unknown: :ignore, literal: {"status", "accepted"}, required: true
end
