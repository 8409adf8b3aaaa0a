package tinker

import "samewire/parity/testees/go/wire"

// AdamParams are the settings of one step.
type AdamParams struct {
	_            wire.Message      `unknown:"forbid"`
	LearningRate wire.Opt[float64] `wire:"learning_rate,always" default:"0.0001"`
	Beta1        wire.Opt[float64] `wire:"beta1,always" default:"0.9"`
	Beta2        wire.Opt[float64] `wire:"beta2,always" default:"0.95"`
	Eps          wire.Opt[float64] `wire:"eps,always" default:"1e-12"`
	WeightDecay  wire.Opt[float64] `wire:"weight_decay,always" default:"0.0" only:"tinker-0.38"`
	GradClipNorm wire.Opt[float64] `wire:"grad_clip_norm,always" default:"0.0" only:"tinker-0.38"`
}

// OptimStepRequest asks for one step; 0.38 knows optimizers besides Adam.
type OptimStepRequest struct {
	_               wire.Message              `unknown:"forbid" exactlyOne:"adam_params optimizer_params"`
	AdamParams      wire.Opt[AdamParams]      `wire:"adam_params,omit_or_null"`
	OptimizerParams wire.Opt[OptimizerParams] `wire:"optimizer_params,omit_or_null" only:"tinker-0.38"`
	ModelID         string                    `wire:"model_id,always"`
	SeqID           wire.Opt[int64]           `wire:"seq_id,omit_or_null"`
	Type            wire.Literal              `wire:"type" literal:"optim_step"`
}

// OptimStepResponse has metrics where the server tells some.
type OptimStepResponse struct {
	_       wire.Message                 `unknown:"ignore"`
	Metrics wire.Opt[map[string]float64] `wire:"metrics,omit_or_null"`
}

// OptimizerParams is DimuonParams, or OtherOptimizer.
type OptimizerParams interface{ optimizerParams() }

var _ = wire.Register[OptimizerParams](wire.Union{Arms: []wire.Arm{
	wire.ArmOf[DimuonParams](""), wire.ArmOf[OtherOptimizer](""),
}})

type DimuonParams struct {
	_            wire.Message      `unknown:"forbid"`
	Type         wire.Literal      `wire:"type" literal:"dimuon" required:"true"`
	LearningRate float64           `wire:"learning_rate,always" min:"0"`
	GradClipNorm wire.Opt[float64] `wire:"grad_clip_norm,always" default:"0.0"`
	Beta1        wire.Opt[float64] `wire:"beta1,always" default:"0.9" min:"0" max:"0.9999999999999999"`
}

func (DimuonParams) optimizerParams()   {}
func (OtherOptimizer) optimizerParams() {}
