package client

import (
	"errors"
	"fmt"
	"math"

	"samewire/parity/testees/go/tinker"
	"samewire/parity/testees/go/wire"
)

// ErrDtype: no tensor can hold such values. ErrUnknownName: a plain list under a name that tells no dtype.
var (
	ErrDtype       = errors.New("no tensor can hold such values")
	ErrUnknownName = errors.New("the name tells no dtype: give a tensor")
)

var dtypes = map[string]tinker.TensorDtype{
	"target_tokens":       "int64",
	"weights":             "float32",
	"advantages":          "float32",
	"logprobs":            "float32",
	"clip_low_threshold":  "float32",
	"clip_high_threshold": "float32",
}

// MakeTensor makes a tensor of an array: nested []any of int64 and float64. Kind is what the elements are called: f16, f32,
// f64, i8 to i64, u8 to u64, bool. It fails with ErrDtype.
func MakeTensor(values any, kind string, dialect *Dialect) (tinker.TensorData, error) {
	var dtype tinker.TensorDtype
	switch {
	case kind[0] == 'f':
		dtype = "float32"
	case kind[0] == 'i', kind[0] == 'u' && dialect.CastsTensors:
		dtype = "int64"
	default:
		return tinker.TensorData{}, fmt.Errorf("%s: %w", kind, ErrDtype)
	}
	flat, shape, err := flatten(values)
	if err != nil {
		return tinker.TensorData{}, err
	}
	if kind == "f64" && !dialect.CastsTensors {
		kind = "" // 0.4.1 changes the label only
	}
	data, err := cast(flat, dtype, kind)
	return tinker.TensorData{Data: data, Dtype: dtype, Shape: wire.Some(shape)}, err
}

// MakeInputs makes the inputs of a loss of plain lists; their names tell the dtype. It fails with ErrUnknownName and ErrDtype.
func MakeInputs(inputs map[string]any) (map[string]tinker.TensorData, error) {
	made := map[string]tinker.TensorData{}
	for name, values := range inputs {
		dtype, known := dtypes[name]
		if !known {
			return nil, fmt.Errorf("%s: %w", name, ErrUnknownName)
		}
		flat, shape, err := flatten(values)
		if err != nil {
			return nil, err
		}
		if len(shape) != 1 {
			return nil, fmt.Errorf("%s: a list of numbers is needed, this has %d dimensions: %w", name, len(shape), ErrDtype)
		}
		made[name] = tinker.TensorData{Data: numbers(flat), Dtype: dtype, Shape: wire.Some(shape)}
	}
	return made, nil
}

// flatten gives all elements in order, and the length of each dimension.
func flatten(values any) ([]any, []int64, error) {
	list, ok := values.([]any)
	if !ok {
		return []any{values}, []int64{}, nil
	}
	flat, rows := []any{}, []int64{}
	for index, item := range list {
		part, shape, err := flatten(item)
		if err != nil {
			return nil, nil, err
		}
		if index == 0 {
			rows = shape
		} else if fmt.Sprint(rows) != fmt.Sprint(shape) {
			return nil, nil, fmt.Errorf("the rows of the list differ in length: %w", ErrDtype)
		}
		flat = append(flat, part...)
	}
	return flat, append([]int64{int64(len(list))}, rows...), nil
}

// numbers keeps the values as they are: Ints, or Floats where one is a float.
func numbers(flat []any) tinker.TensorValues {
	ints := make(tinker.Ints, 0, len(flat))
	for _, value := range flat {
		whole, ok := value.(int64)
		if !ok {
			return floats(flat)
		}
		ints = append(ints, whole)
	}
	return ints
}

func floats(flat []any) tinker.Floats {
	made := make(tinker.Floats, len(flat))
	for index, value := range flat {
		made[index] = float(value)
	}
	return made
}

func float(value any) float64 {
	if whole, ok := value.(int64); ok {
		return float64(whole)
	}
	number, _ := value.(float64)
	return number
}

// half is the nearest float of 16 bits: ten bits after the point, ties to even.
func half(value float64) float64 {
	_, exponent := math.Frexp(value)
	unit := math.Ldexp(1, max(exponent-11, -24))
	if rounded := math.RoundToEven(value/unit) * unit; math.Abs(rounded) <= 65504 {
		return rounded
	}
	return math.Inf(1)
}

func cast(flat []any, dtype tinker.TensorDtype, kind string) (tinker.TensorValues, error) {
	if dtype == "float32" {
		made := floats(flat)
		for index, value := range made {
			switch kind {
			case "f16":
				made[index] = half(value)
			case "f32", "f64":
				made[index] = float64(float32(value))
			}
			if math.IsInf(made[index], 0) {
				return nil, fmt.Errorf("%v is too large for float32: %w", value, ErrDtype)
			}
		}
		return made, nil
	}
	ints := make(tinker.Ints, len(flat))
	for index, value := range flat {
		if whole, ok := value.(int64); ok {
			ints[index] = whole
		} else if number := math.Trunc(float(value)); math.Abs(number) < 1<<63 {
			ints[index] = int64(number)
		} else {
			return nil, fmt.Errorf("%v is too large for int64: %w", value, ErrDtype)
		}
	}
	return ints, nil
}
