package tinker

import "samewire/parity/testees/go/wire"

// CreateSessionRequest is the first call of a client.
type CreateSessionRequest struct {
	_            wire.Message             `unknown:"forbid"`
	Tags         []string                 `wire:"tags,always"`
	UserMetadata wire.Opt[map[string]any] `wire:"user_metadata,null" per:"tinker-0.38=always"`
	SDKVersion   string                   `wire:"sdk_version,always"`
	ProjectID    wire.Opt[string]         `wire:"project_id,omit_or_null" only:"tinker-0.38"`
	DisplayName  wire.Opt[string]         `wire:"display_name,omit_or_null" only:"tinker-0.38"`
	Type         wire.Literal             `wire:"type" literal:"create_session"`
}

// CreateSessionResponse holds texts for the caller's log, too.
type CreateSessionResponse struct {
	_              wire.Message     `unknown:"ignore"`
	Type           wire.Literal     `wire:"type" literal:"create_session"`
	InfoMessage    wire.Opt[string] `wire:"info_message,omit_or_null"`
	WarningMessage wire.Opt[string] `wire:"warning_message,omit_or_null"`
	ErrorMessage   wire.Opt[string] `wire:"error_message,omit_or_null"`
	SessionID      string           `wire:"session_id,always"`
}

// SessionHeartbeatRequest says that the client is still there.
type SessionHeartbeatRequest struct {
	_         wire.Message `unknown:"forbid"`
	SessionID string       `wire:"session_id,always"`
	Type      wire.Literal `wire:"type" literal:"session_heartbeat"`
}

// SessionHeartbeatResponse is the answer to it.
type SessionHeartbeatResponse struct {
	_    wire.Message `unknown:"ignore"`
	Type wire.Literal `wire:"type" literal:"session_heartbeat"`
}
