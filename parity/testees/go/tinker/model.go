package tinker

import "samewire/parity/testees/go/wire"

// LoraConfig says how a model is adapted.
type LoraConfig struct {
	_            wire.Message    `unknown:"forbid"`
	Rank         int32           `wire:"rank,always"`
	Seed         wire.Opt[int64] `wire:"seed,omit_or_null"`
	TrainUnembed wire.Opt[bool]  `wire:"train_unembed,always" default:"true"`
	TrainMLP     wire.Opt[bool]  `wire:"train_mlp,always" default:"true"`
	TrainAttn    wire.Opt[bool]  `wire:"train_attn,always" default:"true"`
}

// CreateModelRequest asks for a model to train. ModelSeqID counts from 0 in a session.
type CreateModelRequest struct {
	_               wire.Message              `unknown:"forbid"`
	SessionID       string                    `wire:"session_id,always"`
	ModelSeqID      int64                     `wire:"model_seq_id,always"`
	BaseModel       string                    `wire:"base_model,always"`
	UserMetadata    wire.Opt[map[string]any]  `wire:"user_metadata,omit_or_null"`
	LoraConfig      wire.Opt[LoraConfig]      `wire:"lora_config,omit_or_null"`
	OptimizerConfig wire.Opt[OptimizerConfig] `wire:"optimizer_config,always" default:"{\"type\":\"adamw\"}" only:"tinker-0.38"`
	Type            wire.Literal              `wire:"type" literal:"create_model"`
}

// CreateModelResponse names the new model.
type CreateModelResponse struct {
	_       wire.Message `unknown:"ignore"`
	ModelID string       `wire:"model_id,always"`
	Type    wire.Literal `wire:"type" literal:"create_model"`
}

// GetInfoRequest asks what a model is.
type GetInfoRequest struct {
	_       wire.Message `unknown:"forbid"`
	ModelID string       `wire:"model_id,always"`
	Type    wire.Literal `wire:"type" literal:"get_info"`
}

// GetInfoResponse says what a model is.
type GetInfoResponse struct {
	_               wire.Message              `unknown:"ignore"`
	Type            wire.Literal              `wire:"type" literal:"get_info"`
	ModelData       ModelData                 `wire:"model_data,always"`
	ModelID         string                    `wire:"model_id,always"`
	OptimizerConfig wire.Opt[OptimizerConfig] `wire:"optimizer_config,always" default:"{\"type\":\"adamw\"}" only:"tinker-0.38"`
	IsLora          wire.Opt[bool]            `wire:"is_lora,omit_or_null"`
	LoraRank        wire.Opt[int32]           `wire:"lora_rank,omit_or_null"`
	ModelName       wire.Opt[string]          `wire:"model_name,omit_or_null"`
}

// ModelData is what a model was made of.
type ModelData struct {
	_           wire.Message     `unknown:"ignore"`
	Arch        wire.Opt[string] `wire:"arch,omit_or_null"`
	ModelName   wire.Opt[string] `wire:"model_name,omit_or_null"`
	TokenizerID wire.Opt[string] `wire:"tokenizer_id,omit_or_null"`
}

// UnloadModelRequest gives a model up.
type UnloadModelRequest struct {
	_       wire.Message `unknown:"forbid"`
	ModelID string       `wire:"model_id,always"`
	Type    wire.Literal `wire:"type" literal:"unload_model"`
}

// UnloadModelResponse says that it is gone.
type UnloadModelResponse struct {
	_       wire.Message `unknown:"ignore"`
	ModelID string       `wire:"model_id,always"`
	Type    wire.Literal `wire:"type" literal:"unload_model"`
}
