package tinker

import "samewire/parity/testees/go/wire"

// TensorData is a tensor, flattened with the last dimension fastest.
type TensorData struct {
	_                 wire.Message      `unknown:"forbid"`
	Data              TensorValues      `wire:"data,always"`
	Dtype             TensorDtype       `wire:"dtype,always"`
	Shape             wire.Opt[[]int64] `wire:"shape,omit_or_null"`
	SparseCrowIndices wire.Opt[[]int64] `wire:"sparse_crow_indices,omit_or_null" only:"tinker-0.38"`
	SparseColIndices  wire.Opt[[]int64] `wire:"sparse_col_indices,omit_or_null" only:"tinker-0.38"`
}

// TensorValues is Ints, or Floats where one of the numbers has a fraction.
type TensorValues interface{ tensorValues() }

type (
	Ints   []int64
	Floats []float64
)

func (Ints) tensorValues()   {}
func (Floats) tensorValues() {}

var _ = wire.Register[TensorValues](wire.Union{Arms: []wire.Arm{wire.ArmOf[Ints](""), wire.ArmOf[Floats]("")}})

// TensorDtype is "int64" or "float32".
type TensorDtype string

func (TensorDtype) WireEnum(string) wire.EnumRule {
	return wire.EnumRule{Values: []string{"int64", "float32"}}
}

// Datum is one training example.
type Datum struct {
	_            wire.Message          `unknown:"forbid"`
	LossFnInputs map[string]TensorData `wire:"loss_fn_inputs,always"`
	ModelInput   ModelInput            `wire:"model_input,always"`
}

// ForwardBackwardInput is a batch and its loss.
type ForwardBackwardInput struct {
	_            wire.Message                         `unknown:"forbid"`
	Data         []Datum                              `wire:"data,always"`
	LossFn       LossFnType                           `wire:"loss_fn,always"`
	LossFnConfig wire.Opt[map[string]LossConfigValue] `wire:"loss_fn_config,omit_or_null"`
}

// LossConfigValue is a Float or a Text.
type LossConfigValue interface{ lossConfigValue() }

type (
	Float float64
	Text  string
)

func (Float) lossConfigValue() {}
func (Text) lossConfigValue()  {}

var _ = wire.Register[LossConfigValue](wire.Union{Arms: []wire.Arm{wire.ArmOf[Float](""), wire.ArmOf[Text]("", "tinker-0.38")}})

// LossFnType is the name of a loss; 0.38 has more of them.
type LossFnType string

func (LossFnType) WireEnum(dialect string) wire.EnumRule {
	values := []string{"cross_entropy", "importance_sampling", "ppo"}
	if dialect == V038.Name {
		values = append(values, "cispo", "dro", "gspo", "stable_reinforce", "custom")
	}
	return wire.EnumRule{Values: values}
}

// ForwardBackwardRequest asks for gradients.
type ForwardBackwardRequest struct {
	_                    wire.Message         `unknown:"forbid"`
	ForwardBackwardInput ForwardBackwardInput `wire:"forward_backward_input,always"`
	ModelID              string               `wire:"model_id,always"`
	SeqID                wire.Opt[int64]      `wire:"seq_id,omit_or_null"`
}

// ForwardBackwardOutput has one map of tensors per datum, and metrics by "name:reduction".
type ForwardBackwardOutput struct {
	_                wire.Message            `unknown:"ignore"`
	LossFnOutputType string                  `wire:"loss_fn_output_type,always"`
	LossFnOutputs    []map[string]TensorData `wire:"loss_fn_outputs,always"`
	Metrics          map[string]float64      `wire:"metrics,always"`
}

// ForwardRequest asks for outputs without gradients; 0.38 has no such call.
type ForwardRequest struct {
	_            wire.Message         `unknown:"forbid"`
	ForwardInput ForwardBackwardInput `wire:"forward_input,always"`
	ModelID      string               `wire:"model_id,always"`
	SeqID        wire.Opt[int64]      `wire:"seq_id,omit_or_null"`
}
