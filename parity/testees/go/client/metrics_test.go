package client

import (
	"errors"
	"maps"
	"testing"
)

var threeChunks = []Measured{
	{map[string]float64{"a:mean": 1, "a:slack": 1, "a:min": 1, "a:unique": 10, "a:odd": 1, "b:sum": 2}, 1},
	{map[string]float64{"a:mean": 3, "a:slack": 3, "a:min": 3, "a:unique": 11, "a:odd": 1}, 3},
	{map[string]float64{"a:mean": 3, "a:slack": 3, "a:min": 3, "a:unique": 12, "a:odd": 1}, 0},
}

func TestReduceMetrics(t *testing.T) {
	for dialect, suffixes := range map[*Dialect][2]string{V041: {"_1", "_2"}, Tinkex: {"_2", "_3"}} {
		want := map[string]float64{
			"a:mean": 2.5, "a:slack": 0.5, "a:min": 1, "a:unique": 10, "a:unique" + suffixes[0]: 11, "a:unique" + suffixes[1]: 12,
		}
		if got, err := ReduceMetrics(threeChunks, dialect); err != nil || !maps.Equal(got, want) {
			t.Errorf("%s: got %v, %v, want %v", dialect.Name, got, err, want)
		}
	}
}

func TestReduceMetricsRefuses(t *testing.T) {
	for key, want := range map[string]error{"a": ErrMetricKey, "a:b:mean": ErrMetricKey, "a:mean": ErrZeroWeight, "a:sum": nil} {
		_, err := ReduceMetrics([]Measured{{map[string]float64{key: 1}, 0}}, V041)
		if !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", key, err, want)
		}
	}
}

// Values of CPython 3.11: hash(tuple(sorted(int(v) for v in values))).
func TestHashUnordered(t *testing.T) {
	for _, vector := range []struct {
		values []float64
		hash   int64
	}{
		{[]float64{1}, -6644214454873602895},
		{[]float64{2, 1}, -3550055125485641917},
		{[]float64{3.7, -1}, 6299364165049820628},
		{[]float64{0}, -8753497827991233192},
	} {
		if got := hashUnordered(vector.values); got != float64(vector.hash) {
			t.Errorf("%v: got %v, want %v", vector.values, got, float64(vector.hash))
		}
	}
}
