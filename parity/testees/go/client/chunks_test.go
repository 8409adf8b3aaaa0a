package client

import (
	"slices"
	"testing"
)

func TestCutChunks(t *testing.T) {
	limits := Limits{Len: 3, Numbers: 10}
	for _, table := range []struct{ sizes, want []int }{
		{nil, []int{}},
		{[]int{1, 1, 1, 1}, []int{3, 1}},
		{[]int{5, 5}, []int{2}},
		{[]int{5, 6}, []int{1, 1}},
		{[]int{99, 1}, []int{1, 1}},
		{[]int{1, 99, 1}, []int{1, 1, 1}},
	} {
		if got := CutChunks(slices.Values(table.sizes), limits); !slices.Equal(got, table.want) {
			t.Errorf("%v: got %v, want %v", table.sizes, got, table.want)
		}
	}
}
