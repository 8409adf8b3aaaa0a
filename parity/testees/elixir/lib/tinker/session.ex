# Sessions: every training and sampling client lives in one, kept alive by heartbeats.

defmodule Tinker.CreateSessionRequest do
  @moduledoc "Opens a session."
  use Tinker.Wire.Message, literal: {"type", "create_session"}

  field :tags, {:list, :string}
  field :user_metadata, :object, presence: :null, per: ["tinker-0.38": [presence: :always]]
  field :sdk_version, :string
  field :project_id, :string, presence: :omit_or_null, only: [:"tinker-0.38"]
  field :display_name, :string, presence: :omit_or_null, only: [:"tinker-0.38"]
end

defmodule Tinker.CreateSessionResponse do
  @moduledoc "The client logs the three messages."
  use Tinker.Wire.Message, unknown: :ignore, literal: {"type", "create_session"}

  field :info_message, :string, presence: :omit_or_null
  field :warning_message, :string, presence: :omit_or_null
  field :error_message, :string, presence: :omit_or_null
  field :session_id, :string
end

defmodule Tinker.SessionHeartbeatRequest do
  @moduledoc "Keeps a session alive."
  use Tinker.Wire.Message, literal: {"type", "session_heartbeat"}

  field :session_id, :string
end

defmodule Tinker.SessionHeartbeatResponse do
  @moduledoc "Nothing to say."
  use Tinker.Wire.Message, unknown: :ignore, literal: {"type", "session_heartbeat"}
end
