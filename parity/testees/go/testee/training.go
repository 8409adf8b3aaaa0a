package main

import (
	"bytes"
	"encoding/json"
	"iter"
	"strings"

	"samewire/parity/testees/go/client"
	"samewire/parity/testees/go/tinker"
)

type measured struct {
	Metrics map[string]float64 `json:"metrics"`
	Outputs int                `json:"outputs"`
}

func metricsReduce(input struct{ Results []measured }, dialect *client.Dialect) (any, error) {
	results := make([]client.Measured, len(input.Results))
	for index, result := range input.Results {
		results[index] = client.Measured(result)
	}
	reduced, err := client.ReduceMetrics(results, dialect)
	if err != nil {
		return nil, err
	}
	return show(reduced, dialect)
}

func outputsCombine(input struct{ Outputs []json.RawMessage }, dialect *client.Dialect) (any, error) {
	outputs := make([]tinker.ForwardBackwardOutput, len(input.Outputs))
	for index, raw := range input.Outputs {
		var err error
		if outputs[index], err = read[tinker.ForwardBackwardOutput](raw, dialect); err != nil {
			return nil, err
		}
	}
	combined, err := client.CombineOutputs(outputs, dialect)
	if err != nil {
		return nil, err
	}
	return show(combined, dialect)
}

type countedDatum struct {
	Tokens  int
	Image   struct{ Tokens int }
	Tensors []struct{ Count int }
}

type splitInput struct {
	Runs []struct {
		Count int
		Datum countedDatum
	}
	Limits struct{ Len, Bytes int }
}

func chunksSplit(input splitInput, dialect *client.Dialect) (any, error) {
	limits := dialect.Limits()
	if input.Limits.Len > 0 {
		limits.Len = input.Limits.Len
	}
	if input.Limits.Bytes > 0 {
		limits.Numbers = input.Limits.Bytes
	}
	return client.CutChunks(input.sizes(), limits), nil
}

// sizes gives counts only: a datum of half a million numbers is not made to be measured.
func (i splitInput) sizes() iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, run := range i.Runs {
			size := run.Datum.Tokens + run.Datum.Image.Tokens
			for _, tensor := range run.Datum.Tensors {
				size += tensor.Count
			}
			for range run.Count {
				if !yield(size) {
					return
				}
			}
		}
	}
}

func chunksOrder(input struct {
	First  int64
	Chunks int
}, _ *client.Dialect) (any, error) {
	return client.SendingOrder(input.First, input.Chunks), nil
}

func inputLength(input struct{ Chunks json.RawMessage }, dialect *client.Dialect) (any, error) {
	chunks, err := read[[]tinker.Chunk](input.Chunks, dialect)
	return client.InputLength(chunks), err
}

func tensorMake(input struct {
	Values json.RawMessage
	Kind   string
}, dialect *client.Dialect) (any, error) {
	tensor, err := client.MakeTensor(array(input.Values), input.Kind, dialect)
	if err != nil {
		return nil, err
	}
	return show(tensor, dialect)
}

func datumMake(input struct {
	LossFnInputs map[string]json.RawMessage `json:"loss_fn_inputs"`
}, dialect *client.Dialect) (any, error) {
	lists := map[string]any{}
	for name, raw := range input.LossFnInputs {
		lists[name] = array(raw)
	}
	made, err := client.MakeInputs(lists)
	if err != nil {
		return nil, err
	}
	return show(made, dialect)
}

// array reads nested lists; whole numbers as int64, others as float64.
func array(raw json.RawMessage) any {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		panic(err)
	}
	return plain(tree)
}

func plain(tree any) any {
	switch value := tree.(type) {
	case []any:
		for index, item := range value {
			value[index] = plain(item)
		}
	case json.Number:
		if whole, err := value.Int64(); err == nil && !strings.ContainsAny(value.String(), ".eE") {
			return whole
		}
		number, _ := value.Float64()
		return number
	case bool:
		if value {
			return int64(1)
		}
		return int64(0)
	}
	return tree
}
