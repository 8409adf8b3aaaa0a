package tinker

import (
	"time"

	"samewire/parity/testees/go/wire"
)

// TelemetrySendRequest reports what a client did.
type TelemetrySendRequest struct {
	_           wire.Message     `unknown:"forbid"`
	Events      []TelemetryEvent `wire:"events,always"`
	Platform    string           `wire:"platform,always"`
	SDKVersion  string           `wire:"sdk_version,always"`
	SessionID   string           `wire:"session_id,always"`
	ProcessUUID string           `wire:"process_uuid,always" only:"tinker-0.38"`
}

// TelemetryResponse says that the events have arrived.
type TelemetryResponse struct {
	_      wire.Message `unknown:"ignore"`
	Status wire.Literal `wire:"status" literal:"accepted" required:"true"`
}

// TelemetryEvent is a SessionStartEvent, a SessionEndEvent, an UnhandledExceptionEvent or a GenericEvent.
type TelemetryEvent interface{ telemetryEvent() }

var _ = wire.Register[TelemetryEvent](wire.Union{Tag: "event", Arms: []wire.Arm{
	wire.ArmOf[SessionStartEvent]("SESSION_START"),
	wire.ArmOf[SessionEndEvent]("SESSION_END"),
	wire.ArmOf[UnhandledExceptionEvent]("UNHANDLED_EXCEPTION"),
	wire.ArmOf[GenericEvent]("GENERIC_EVENT"),
}})

func (SessionStartEvent) telemetryEvent()       {}
func (SessionEndEvent) telemetryEvent()         {}
func (UnhandledExceptionEvent) telemetryEvent() {}
func (GenericEvent) telemetryEvent()            {}

// SessionStartEvent is the first event of a session. EventSessionIndex counts from 0.
type SessionStartEvent struct {
	_                 wire.Message `unknown:"ignore"`
	Event             wire.Literal `wire:"event" literal:"SESSION_START" required:"true"`
	EventID           string       `wire:"event_id,always"`
	EventSessionIndex int64        `wire:"event_session_index,always"`
	Severity          Severity     `wire:"severity,always"`
	Timestamp         time.Time    `wire:"timestamp,always"`
}

// SessionEndEvent is the last one. Duration as Python prints it: "0:00:13.557000".
type SessionEndEvent struct {
	_                 wire.Message `unknown:"ignore"`
	Duration          string       `wire:"duration,always"`
	Event             wire.Literal `wire:"event" literal:"SESSION_END" required:"true"`
	EventID           string       `wire:"event_id,always"`
	EventSessionIndex int64        `wire:"event_session_index,always"`
	Severity          Severity     `wire:"severity,always"`
	Timestamp         time.Time    `wire:"timestamp,always"`
}

// UnhandledExceptionEvent reports a crash.
type UnhandledExceptionEvent struct {
	_                 wire.Message     `unknown:"ignore"`
	ErrorMessage      string           `wire:"error_message,always"`
	ErrorType         string           `wire:"error_type,always"`
	Event             wire.Literal     `wire:"event" literal:"UNHANDLED_EXCEPTION" required:"true"`
	EventID           string           `wire:"event_id,always"`
	EventSessionIndex int64            `wire:"event_session_index,always"`
	Severity          Severity         `wire:"severity,always"`
	Timestamp         time.Time        `wire:"timestamp,always"`
	Traceback         wire.Opt[string] `wire:"traceback,omit_or_null"`
}

// GenericEvent is everything else, by name.
type GenericEvent struct {
	_                 wire.Message             `unknown:"ignore"`
	Event             wire.Literal             `wire:"event" literal:"GENERIC_EVENT" required:"true"`
	EventID           string                   `wire:"event_id,always"`
	EventName         string                   `wire:"event_name,always"`
	EventSessionIndex int64                    `wire:"event_session_index,always"`
	Severity          Severity                 `wire:"severity,always"`
	Timestamp         time.Time                `wire:"timestamp,always"`
	EventData         wire.Opt[map[string]any] `wire:"event_data,always" default:"{}"`
}

// Severity is the weight of an event.
type Severity string

func (Severity) WireEnum(string) wire.EnumRule {
	return wire.EnumRule{Values: []string{"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}}
}
