package tinker

import (
	"time"

	"samewire/parity/testees/go/wire"
)

// Checkpoint is a saved state, e.g. "weights/0001" at "tinker://run-1/weights/0001".
type Checkpoint struct {
	_              wire.Message                `unknown:"ignore"`
	CheckpointID   string                      `wire:"checkpoint_id,always"`
	CheckpointType CheckpointType              `wire:"checkpoint_type,always"`
	Time           time.Time                   `wire:"time,always"`
	TinkerPath     string                      `wire:"tinker_path,always"`
	SizeBytes      wire.Opt[int64]             `wire:"size_bytes,omit_or_null"`
	Public         wire.Opt[bool]              `wire:"public,always" default:"false"`
	UserMetadata   wire.Opt[map[string]string] `wire:"user_metadata,omit_or_null" only:"tinker-0.38"`
	ExpiresAt      wire.Opt[time.Time]         `wire:"expires_at,omit_or_null" only:"tinker-0.38"`
}

// CheckpointType is "training", "sampler", or in 0.38 "external".
type CheckpointType string

func (CheckpointType) WireEnum(dialect string) wire.EnumRule {
	values := []string{"training", "sampler"}
	if dialect == V038.Name {
		values = append(values, "external")
	}
	return wire.EnumRule{Values: values}
}

// Cursor tells where in a listing a page is.
type Cursor struct {
	_          wire.Message `unknown:"ignore"`
	Offset     int64        `wire:"offset,always"`
	Limit      int64        `wire:"limit,always"`
	TotalCount int64        `wire:"total_count,always"`
}

// CheckpointsListResponse has a cursor where it is a page of all checkpoints of a user.
type CheckpointsListResponse struct {
	_           wire.Message     `unknown:"ignore"`
	Checkpoints []Checkpoint     `wire:"checkpoints,always"`
	Cursor      wire.Opt[Cursor] `wire:"cursor,omit_or_null"`
}

// CheckpointArchiveURLResponse says where an archive can be had, and until when.
type CheckpointArchiveURLResponse struct {
	_       wire.Message `unknown:"ignore"`
	URL     string       `wire:"url,always"`
	Expires time.Time    `wire:"expires,always"`
}

// TrainingRun is a model and what was last done with it.
type TrainingRun struct {
	_                     wire.Message                `unknown:"ignore"`
	TrainingRunID         string                      `wire:"training_run_id,always"`
	BaseModel             string                      `wire:"base_model,always"`
	ModelOwner            string                      `wire:"model_owner,always"`
	IsLora                bool                        `wire:"is_lora,always"`
	Corrupted             wire.Opt[bool]              `wire:"corrupted,always" default:"false"`
	LoraRank              wire.Opt[int32]             `wire:"lora_rank,omit_or_null"`
	LastRequestTime       time.Time                   `wire:"last_request_time,always"`
	LastCheckpoint        wire.Opt[Checkpoint]        `wire:"last_checkpoint,omit_or_null"`
	LastSamplerCheckpoint wire.Opt[Checkpoint]        `wire:"last_sampler_checkpoint,omit_or_null"`
	UserMetadata          wire.Opt[map[string]string] `wire:"user_metadata,omit_or_null"`
}

// TrainingRunsResponse is a page of training runs.
type TrainingRunsResponse struct {
	_            wire.Message  `unknown:"ignore"`
	TrainingRuns []TrainingRun `wire:"training_runs,always"`
	Cursor       Cursor        `wire:"cursor,always"`
}

// CheckpointRequest names a checkpoint; this and the requests after it are told in path and query.
type CheckpointRequest struct {
	_             wire.Message `unknown:"forbid"`
	TrainingRunID string       `wire:"training_run_id,always"`
	CheckpointID  string       `wire:"checkpoint_id,always"`
}

type ListCheckpointsRequest struct {
	_             wire.Message `unknown:"forbid"`
	TrainingRunID string       `wire:"training_run_id,always"`
}

type ListUserCheckpointsRequest struct {
	_      wire.Message    `unknown:"forbid"`
	Limit  wire.Opt[int32] `wire:"limit,always" default:"100"`
	Offset wire.Opt[int32] `wire:"offset,always" default:"0"`
}

type ListTrainingRunsRequest struct {
	_           wire.Message          `unknown:"forbid"`
	Limit       wire.Opt[int32]       `wire:"limit,always" default:"20"`
	Offset      wire.Opt[int32]       `wire:"offset,always" default:"0"`
	AccessScope wire.Opt[AccessScope] `wire:"access_scope,always" default:"\"owned\"" only:"tinker-0.38"`
	ProjectID   wire.Opt[string]      `wire:"project_id,omit" only:"tinker-0.38"`
}

type GetTrainingRunRequest struct {
	_             wire.Message          `unknown:"forbid"`
	TrainingRunID string                `wire:"training_run_id,always"`
	AccessScope   wire.Opt[AccessScope] `wire:"access_scope,always" default:"\"owned\"" only:"tinker-0.38"`
}

// AccessScope is "owned" or "accessible".
type AccessScope string

func (AccessScope) WireEnum(string) wire.EnumRule {
	return wire.EnumRule{Values: []string{"owned", "accessible"}}
}
