package tinker

import "samewire/parity/testees/go/wire"

// SaveWeightsRequest saves a model; Path is a bare name.
type SaveWeightsRequest struct {
	_            wire.Message                `unknown:"forbid"`
	ModelID      string                      `wire:"model_id,always"`
	Path         wire.Opt[string]            `wire:"path,omit_or_null"`
	SeqID        wire.Opt[int64]             `wire:"seq_id,omit_or_null"`
	TTLSeconds   wire.Opt[int64]             `wire:"ttl_seconds,omit_or_null" only:"tinker-0.38"`
	Overwrite    wire.Opt[bool]              `wire:"overwrite,always" default:"false" only:"tinker-0.38"`
	UserMetadata wire.Opt[map[string]string] `wire:"user_metadata,omit_or_null" only:"tinker-0.38"`
	Type         wire.Literal                `wire:"type" literal:"save_weights"`
}

// LoadWeightsRequest loads a checkpoint; Path is a tinker:// URI. 0.38 demands Optimizer, tinkex takes missing for false.
type LoadWeightsRequest struct {
	_                  wire.Message              `unknown:"forbid"`
	ModelID            wire.Opt[string]          `wire:"model_id,always" per:"tinker-0.38=omit_or_null"`
	Path               string                    `wire:"path,always"`
	SeqID              wire.Opt[int64]           `wire:"seq_id,omit_or_null"`
	SessionID          wire.Opt[string]          `wire:"session_id,omit_or_null" only:"tinker-0.38"`
	ModelSeqID         wire.Opt[int64]           `wire:"model_seq_id,omit_or_null" only:"tinker-0.38"`
	BaseModel          wire.Opt[string]          `wire:"base_model,omit_or_null" only:"tinker-0.38"`
	UserMetadata       wire.Opt[map[string]any]  `wire:"user_metadata,omit_or_null" only:"tinker-0.38"`
	Optimizer          wire.Opt[bool]            `wire:"optimizer,always" default:"false" defaultIn:"tinkex" only:"tinker-0.38 tinkex"`
	OptimizerConfig    wire.Opt[OptimizerConfig] `wire:"optimizer_config,omit_or_null" only:"tinker-0.38"`
	WeightsAccessToken wire.Opt[string]          `wire:"weights_access_token,omit_or_null" only:"tinker-0.38"`
	Type               wire.Literal              `wire:"type" literal:"load_weights"`
}

// OptimizerConfig is AdamConfig, DimuonConfig, or OtherOptimizer: the set is open.
type OptimizerConfig interface{ optimizerConfig() }

var _ = wire.Register[OptimizerConfig](wire.Union{Arms: []wire.Arm{
	wire.ArmOf[AdamConfig](""), wire.ArmOf[DimuonConfig](""), wire.ArmOf[OtherOptimizer](""),
}})

type AdamConfig struct {
	_    wire.Message `unknown:"forbid"`
	Type wire.Literal `wire:"type" literal:"adamw" required:"true"`
}

type DimuonConfig struct {
	_       wire.Message    `unknown:"forbid"`
	Type    wire.Literal    `wire:"type" literal:"dimuon" required:"true"`
	Version wire.Opt[int32] `wire:"version,always" default:"1" min:"1" max:"1"`
}

// OtherOptimizer passes through whole.
type OtherOptimizer struct {
	_     wire.Message `unknown:"keep"`
	Type  string       `wire:"type,always"`
	Extra wire.Extra
}

func (AdamConfig) optimizerConfig()     {}
func (DimuonConfig) optimizerConfig()   {}
func (OtherOptimizer) optimizerConfig() {}

// SaveWeightsResponse tells the full URI.
type SaveWeightsResponse struct {
	_    wire.Message `unknown:"ignore"`
	Path string       `wire:"path,always"`
	Type wire.Literal `wire:"type" literal:"save_weights"`
}

// LoadWeightsResponse tells the new model where one was made.
type LoadWeightsResponse struct {
	_       wire.Message     `unknown:"ignore"`
	Path    wire.Opt[string] `wire:"path,omit_or_null"`
	ModelID wire.Opt[string] `wire:"model_id,omit_or_null" only:"tinker-0.38"`
	Type    wire.Literal     `wire:"type" literal:"load_weights"`
}

// SaveWeightsForSamplerRequest saves under a name, or, with SamplingSessionSeqID, for one sampling session.
type SaveWeightsForSamplerRequest struct {
	_                    wire.Message                 `unknown:"forbid"`
	ModelID              string                       `wire:"model_id,always"`
	Path                 wire.Opt[string]             `wire:"path,omit_or_null"`
	SamplingSessionSeqID wire.Opt[int64]              `wire:"sampling_session_seq_id,omit_or_null"`
	Kind                 wire.Opt[SamplingClientKind] `wire:"kind,always" default:"\"snapshot\"" only:"tinker-0.38"`
	SeqID                wire.Opt[int64]              `wire:"seq_id,omit_or_null"`
	TTLSeconds           wire.Opt[int64]              `wire:"ttl_seconds,omit_or_null" only:"tinker-0.38"`
	UserMetadata         wire.Opt[map[string]string]  `wire:"user_metadata,omit_or_null" only:"tinker-0.38"`
	Type                 wire.Literal                 `wire:"type" literal:"save_weights_for_sampler"`
}

// SaveWeightsForSamplerResponse has a path or a sampling session, as it was asked for.
type SaveWeightsForSamplerResponse struct {
	_                 wire.Message     `unknown:"ignore"`
	Path              wire.Opt[string] `wire:"path,omit_or_null"`
	SamplingSessionID wire.Opt[string] `wire:"sampling_session_id,omit_or_null"`
	Type              wire.Literal     `wire:"type" literal:"save_weights_for_sampler"`
}

// SamplingClientKind is "snapshot" or "inflight".
type SamplingClientKind string

func (SamplingClientKind) WireEnum(string) wire.EnumRule {
	return wire.EnumRule{Values: []string{"snapshot", "inflight"}}
}

// WeightsInfoRequest asks what a checkpoint was made from; 0.4.1 has no such call.
type WeightsInfoRequest struct {
	_          wire.Message `unknown:"forbid"`
	TinkerPath string       `wire:"tinker_path,always"`
}

// WeightsInfoResponse is what a model needs to take a checkpoint.
type WeightsInfoResponse struct {
	_               wire.Message              `unknown:"ignore"`
	BaseModel       string                    `wire:"base_model,always"`
	OptimizerConfig wire.Opt[OptimizerConfig] `wire:"optimizer_config,always" default:"{\"type\":\"adamw\"}" only:"tinker-0.38"`
	IsLora          bool                      `wire:"is_lora,always"`
	LoraRank        wire.Opt[int32]           `wire:"lora_rank,omit_or_null"`
	TrainUnembed    wire.Opt[bool]            `wire:"train_unembed,omit_or_null" only:"tinker-0.38"`
	TrainMLP        wire.Opt[bool]            `wire:"train_mlp,omit_or_null" only:"tinker-0.38"`
	TrainAttn       wire.Opt[bool]            `wire:"train_attn,omit_or_null" only:"tinker-0.38"`
}
