package tinker

import "samewire/parity/testees/go/wire"

// FutureRetrieveResponse is the answer to a poll: TryAgainResponse, FutureMetadata, FuturePendingResponse,
// FutureCompletedResponse, FutureFailedResponse, RequestFailedResponse, or a bare Result.
type FutureRetrieveResponse interface{ futureRetrieveResponse() }

var _ = wire.Register[FutureRetrieveResponse](wire.Union{Arms: []wire.Arm{
	wire.ArmOf[TryAgainResponse](""),
	wire.ArmOf[FutureMetadata]("", "tinker-0.38"),
	wire.ArmOf[FuturePendingResponse]("", "tinkex"),
	wire.ArmOf[FutureCompletedResponse]("", "tinkex"),
	wire.ArmOf[FutureFailedResponse]("", "tinkex"),
	wire.ArmOf[RequestFailedResponse]("", "tinker-0.4.1", "tinker-0.38"),
	wire.ArmOf[Result]("", "tinker-0.4.1", "tinker-0.38"),
}})

func (TryAgainResponse) futureRetrieveResponse()        {}
func (FutureMetadata) futureRetrieveResponse()          {}
func (FuturePendingResponse) futureRetrieveResponse()   {}
func (FutureCompletedResponse) futureRetrieveResponse() {}
func (FutureFailedResponse) futureRetrieveResponse()    {}
func (RequestFailedResponse) futureRetrieveResponse()   {}
func (Result) futureRetrieveResponse()                  {}

// Result is an answer whose type only the request tells.
type Result map[string]any

// TryAgainResponse says that the result is not ready. RetryAfterMs in milliseconds.
type TryAgainResponse struct {
	_                wire.Message     `unknown:"ignore"`
	Type             wire.Literal     `wire:"type" literal:"try_again" required:"true"`
	RequestID        wire.Opt[string] `wire:"request_id,always" per:"tinkex=omit"`
	QueueState       QueueState       `wire:"queue_state,always"`
	QueueStateReason wire.Opt[string] `wire:"queue_state_reason,omit_or_null" only:"tinker-0.38"`
	RetryAfterMs     wire.Opt[int64]  `wire:"retry_after_ms,omit" only:"tinkex"`
}

// FutureTimeout is the body of HTTP 408.
type FutureTimeout struct {
	_                wire.Message         `unknown:"ignore"`
	QueueState       wire.Opt[QueueState] `wire:"queue_state,omit_or_null"`
	QueueStateReason wire.Opt[string]     `wire:"queue_state_reason,omit_or_null" only:"tinker-0.38"`
}

// FutureMetadata says that the result is ready, and its size in bytes.
type FutureMetadata struct {
	_                   wire.Message    `unknown:"ignore"`
	Status              wire.Literal    `wire:"status" literal:"complete_metadata" required:"true"`
	ResponsePayloadSize wire.Opt[int64] `wire:"response_payload_size,always" default:"0"`
}

// RequestFailedResponse is a failure as the SDKs know it.
type RequestFailedResponse struct {
	_        wire.Message                   `unknown:"ignore"`
	Error    string                         `wire:"error,always"`
	Category wire.Opt[RequestErrorCategory] `wire:"category,always" default:"\"unknown\""`
}

// FuturePendingResponse, FutureCompletedResponse and FutureFailedResponse are the envelopes of tinkex.
type FuturePendingResponse struct {
	_      wire.Message `unknown:"ignore"`
	Status wire.Literal `wire:"status" literal:"pending" required:"true"`
}

type FutureCompletedResponse struct {
	_      wire.Message   `unknown:"ignore"`
	Status wire.Literal   `wire:"status" literal:"completed" required:"true"`
	Result map[string]any `wire:"result,always"`
}

type FutureFailedResponse struct {
	_      wire.Message `unknown:"ignore"`
	Status wire.Literal `wire:"status" literal:"failed" required:"true"`
	Error  FutureError  `wire:"error,always"`
}

// FutureError says what went wrong, and whose fault it was.
type FutureError struct {
	_        wire.Message                   `unknown:"ignore"`
	Message  wire.Opt[string]               `wire:"message,omit_or_null"`
	Category wire.Opt[RequestErrorCategory] `wire:"category,always" default:"\"unknown\""`
}

// RequestErrorCategory is "unknown", "server" or "user"; anything else is read as unknown, and tinkex folds case.
type RequestErrorCategory string

func (RequestErrorCategory) WireEnum(dialect string) wire.EnumRule {
	return wire.EnumRule{
		Values:     []string{"unknown", "server", "user"},
		Fallback:   "unknown",
		IgnoreCase: dialect == Tinkex.Name,
	}
}

// QueueState says why the server does not work on a request yet; anything else is read as unknown.
type QueueState string

func (QueueState) WireEnum(string) wire.EnumRule {
	return wire.EnumRule{Values: []string{"unknown", "active", "paused_capacity", "paused_rate_limit"}, Fallback: "unknown"}
}

// UntypedAPIFuture is the promise of a result.
type UntypedAPIFuture struct {
	_                 wire.Message       `unknown:"ignore"`
	RequestID         string             `wire:"request_id,always"`
	ModelID           wire.Opt[string]   `wire:"model_id,omit_or_null"`
	SampleSequenceIDs wire.Opt[[]string] `wire:"sample_sequence_ids,omit_or_null" only:"tinker-0.38"`
}

// FutureRetrieveRequest asks for the result.
type FutureRetrieveRequest struct {
	_                 wire.Message   `unknown:"forbid"`
	RequestID         string         `wire:"request_id,always"`
	AllowMetadataOnly wire.Opt[bool] `wire:"allow_metadata_only,always" default:"false" only:"tinker-0.38"`
}
