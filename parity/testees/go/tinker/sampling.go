package tinker

import "samewire/parity/testees/go/wire"

// SampleRequest asks for NumSamples continuations of a prompt.
type SampleRequest struct {
	_                    wire.Message         `unknown:"forbid"`
	NumSamples           wire.Opt[int32]      `wire:"num_samples,always" default:"1"`
	Prompt               ModelInput           `wire:"prompt,always"`
	SamplingParams       SamplingParams       `wire:"sampling_params,always"`
	BaseModel            wire.Opt[string]     `wire:"base_model,omit_or_null"`
	ModelPath            wire.Opt[string]     `wire:"model_path,omit_or_null"`
	SamplingSessionID    wire.Opt[string]     `wire:"sampling_session_id,omit_or_null"`
	SeqID                wire.Opt[int64]      `wire:"seq_id,omit_or_null"`
	PromptLogprobs       wire.Opt[bool]       `wire:"prompt_logprobs,omit_or_null"`
	TopkPromptLogprobs   wire.Opt[int32]      `wire:"topk_prompt_logprobs,always" default:"0"`
	TopkSampleLogprobs   wire.Opt[int32]      `wire:"topk_sample_logprobs,always" default:"0" only:"tinker-0.38"`
	TargetPromptLogprobs wire.Opt[TensorData] `wire:"target_prompt_logprobs,omit_or_null" only:"tinker-0.38"`
	PromptAltTokensK     wire.Opt[int32]      `wire:"prompt_alt_tokens_k,always" default:"0" only:"tinker-0.38"`
	PromptLogprobsLastN  wire.Opt[int32]      `wire:"prompt_logprobs_last_n,omit_or_null" only:"tinker-0.38"`
	RecordStabilityInfo  wire.Opt[bool]       `wire:"record_stability_info,omit_or_null" only:"tinker-0.38"`
	Type                 wire.Literal         `wire:"type" literal:"sample"`
}

// SamplingParams says how tokens are drawn. TopK -1 keeps all candidates.
type SamplingParams struct {
	_           wire.Message      `unknown:"ignore"`
	MaxTokens   wire.Opt[int32]   `wire:"max_tokens,omit_or_null"`
	Seed        wire.Opt[int64]   `wire:"seed,omit_or_null"`
	Stop        wire.Opt[Stop]    `wire:"stop,omit_or_null"`
	Temperature wire.Opt[float64] `wire:"temperature,always" default:"1.0"`
	TopK        wire.Opt[int32]   `wire:"top_k,always" default:"-1"`
	TopP        wire.Opt[float64] `wire:"top_p,always" default:"1.0"`
}

// Stop is a Text, Texts, or token ids as Ints.
type Stop interface{ stop() }

// Texts is a list of strings.
type Texts []string

func (Text) stop()  {}
func (Texts) stop() {}
func (Ints) stop()  {}

var _ = wire.Register[Stop](wire.Union{Arms: []wire.Arm{wire.ArmOf[Text](""), wire.ArmOf[Texts](""), wire.ArmOf[Ints]("")}})

// SampleResponse holds the samples. PromptLogprobs has one entry per prompt token, null where there is none.
type SampleResponse struct {
	_                  wire.Message                     `unknown:"ignore"`
	Sequences          []SampledSequence                `wire:"sequences,always"`
	Type               wire.Literal                     `wire:"type" literal:"sample"`
	PromptLogprobs     wire.Opt[[]wire.Opt[float64]]    `wire:"prompt_logprobs,omit_or_null"`
	TopkPromptLogprobs wire.Opt[[]wire.Opt[Candidates]] `wire:"topk_prompt_logprobs,omit_or_null"`
}

// Candidates are pairs of token id and logprob, best first.
type Candidates [][]any

// SampledSequence is one sample.
type SampledSequence struct {
	_          wire.Message        `unknown:"ignore"`
	StopReason StopReason          `wire:"stop_reason,always"`
	Tokens     []int64             `wire:"tokens,always"`
	Logprobs   wire.Opt[[]float64] `wire:"logprobs,omit_or_null"`
}

// StopReason is "length" or "stop".
type StopReason string

func (StopReason) WireEnum(string) wire.EnumRule {
	return wire.EnumRule{Values: []string{"length", "stop"}}
}

// CreateSamplingSessionRequest asks for a sampler of a base model or of saved weights.
type CreateSamplingSessionRequest struct {
	_                    wire.Message     `unknown:"forbid"`
	SessionID            string           `wire:"session_id,always"`
	SamplingSessionSeqID int64            `wire:"sampling_session_seq_id,always"`
	BaseModel            wire.Opt[string] `wire:"base_model,omit_or_null"`
	ModelPath            wire.Opt[string] `wire:"model_path,omit_or_null"`
	Type                 wire.Literal     `wire:"type" literal:"create_sampling_session"`
}

// CreateSamplingSessionResponse names it.
type CreateSamplingSessionResponse struct {
	_                 wire.Message `unknown:"ignore"`
	Type              wire.Literal `wire:"type" literal:"create_sampling_session"`
	SamplingSessionID string       `wire:"sampling_session_id,always"`
}
