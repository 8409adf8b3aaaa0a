package client

import "samewire/parity/testees/go/tinker"

// CombineOutputs makes the outputs of a call's chunks one, in their order; none gives an empty one. It fails as ReduceMetrics.
func CombineOutputs(outputs []tinker.ForwardBackwardOutput, dialect *Dialect) (tinker.ForwardBackwardOutput, error) {
	combined := tinker.ForwardBackwardOutput{LossFnOutputs: []map[string]tinker.TensorData{}}
	measured := make([]Measured, len(outputs))
	for index, output := range outputs {
		if index == 0 {
			combined.LossFnOutputType = output.LossFnOutputType
		}
		combined.LossFnOutputs = append(combined.LossFnOutputs, output.LossFnOutputs...)
		measured[index] = Measured{output.Metrics, len(output.LossFnOutputs)}
	}
	var err error
	combined.Metrics, err = ReduceMetrics(measured, dialect)
	return combined, err
}
