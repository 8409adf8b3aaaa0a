package tinker

import "samewire/parity/testees/go/wire"

// HealthRequest and the messages after it are of the server as a whole.
type HealthRequest struct {
	_ wire.Message `unknown:"ignore"`
}

type HealthResponse struct {
	_      wire.Message `unknown:"ignore"`
	Status wire.Literal `wire:"status" literal:"ok" required:"true"`
}

type GetServerCapabilitiesRequest struct {
	_ wire.Message `unknown:"ignore"`
}

type GetServerCapabilitiesResponse struct {
	_               wire.Message     `unknown:"ignore"`
	SupportedModels []SupportedModel `wire:"supported_models,always"`
}

type SupportedModel struct {
	_                wire.Message     `unknown:"ignore"`
	ModelName        wire.Opt[string] `wire:"model_name,omit_or_null"`
	MaxContextLength wire.Opt[int64]  `wire:"max_context_length,omit_or_null" only:"tinker-0.38"`
	Trainable        wire.Opt[bool]   `wire:"trainable,omit_or_null" only:"tinker-0.38"`
	Sampleable       wire.Opt[bool]   `wire:"sampleable,omit_or_null" only:"tinker-0.38"`
}

// ErrorResponse is the body of most answers that say no.
type ErrorResponse struct {
	_      wire.Message `unknown:"keep"`
	Detail any          `wire:"detail,always"`
	Extra  wire.Extra
}
