package client

import (
	"errors"
	"fmt"
	"math/big"
	"math/bits"
	"slices"
	"strings"
)

// ErrMetricKey: a metric is not called name:reduction. ErrZeroWeight: a mean over chunks that have no outputs at all.
var (
	ErrMetricKey  = errors.New("a metric is not called name:reduction")
	ErrZeroWeight = errors.New("no chunk has outputs, so there is nothing to weigh by")
)

// Measured holds the metrics of one chunk, and how many outputs it has: its weight.
type Measured struct {
	Metrics map[string]float64
	Outputs int
}

// ReduceMetrics makes the metrics of a call's chunks one set, by the reduction in each key, over the keys of the first chunk
// that all others have too. Unknown reductions are dropped with their keys. It fails with ErrMetricKey and ErrZeroWeight.
func ReduceMetrics(results []Measured, dialect *Dialect) (map[string]float64, error) {
	reduced := map[string]float64{}
	if len(results) == 0 {
		return reduced, nil
	}
	for key := range results[0].Metrics {
		name, reduction, found := strings.Cut(key, ":")
		if !found || strings.Contains(reduction, ":") {
			return nil, fmt.Errorf("%q: %w", key, ErrMetricKey)
		}
		values := make([]float64, 0, len(results))
		weights := make([]float64, 0, len(results))
		for _, result := range results {
			if value, there := result.Metrics[key]; there {
				values = append(values, value)
				weights = append(weights, float64(result.Outputs))
			}
		}
		if len(values) < len(results) {
			continue
		}
		if err := reduce(reduced, name+":"+reduction, reduction, values, weights, dialect); err != nil {
			return nil, fmt.Errorf("%q: %w", key, err)
		}
	}
	return reduced, nil
}

func reduce(into map[string]float64, key, reduction string, values, weights []float64, dialect *Dialect) error {
	switch reduction {
	case "sum":
		into[key] = sum(values)
	case "min":
		into[key] = slices.Min(values)
	case "max":
		into[key] = slices.Max(values)
	case "mean", "slack":
		total := sum(weights)
		if total == 0 {
			return ErrZeroWeight
		}
		mean := 0.0
		for index, value := range values {
			mean += value * weights[index]
		}
		mean /= total
		if into[key] = mean; reduction == "slack" {
			into[key] = slices.Max(values) - mean
		}
	case "unique":
		into[key] = values[0]
		for index, value := range values[1:] {
			into[fmt.Sprintf("%s_%d", key, index+dialect.UniqueFrom)] = value
		}
	case "hash_unordered":
		into[key] = hashUnordered(values)
	}
	return nil
}

func sum(values []float64) float64 {
	total := 0.0
	for _, value := range values {
		total += value
	}
	return total
}

// What CPython's hash of a tuple adds, multiplies by, and begins with (xxHash's primes), and the modulus of its integers' hash.
const (
	hashLane  = 14029467366897019727
	hashMix   = 11400714785074694791
	hashStart = 2870177450012600261
)

var hashPrime = big.NewInt(1<<61 - 1)

// hashUnordered is CPython's 64-bit hash of the sorted tuple of the whole parts, kept as a float. Source: tinker.md section 3.6.
func hashUnordered(values []float64) float64 {
	whole := make([]*big.Int, len(values))
	for index, value := range values {
		whole[index], _ = big.NewFloat(value).Int(nil)
	}
	slices.SortFunc(whole, (*big.Int).Cmp)
	acc := uint64(hashStart)
	for _, value := range whole {
		lane := new(big.Int).Rem(value, hashPrime).Int64() // keeps the sign, as CPython does
		if lane == -1 {
			lane = -2
		}
		acc = bits.RotateLeft64(acc+uint64(lane)*hashLane, 31) * hashMix
	}
	acc += uint64(len(values)) ^ (hashStart ^ 3527539)
	if acc == 1<<64-1 {
		acc = 1546275796
	}
	return float64(int64(acc))
}
