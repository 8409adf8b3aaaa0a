package client

import (
	"errors"
	"testing"
)

func TestFormatQuery(t *testing.T) {
	list := Params{{"a", []any{"x", nil, true}}, {"b c", "é&"}, {"n", nil}}
	nested := Params{{"a", Params{{"b", Params{{"c", 1}}}}}}
	for _, table := range []struct {
		params          Params
		arrays, objects string
		want            string
	}{
		{list, "comma", "", "a=x%2Ctrue&b+c=%C3%A9%26"},
		{list, "repeat", "", "a=x&a=true&b+c=%C3%A9%26"},
		{list, "brackets", "", "a%5B%5D=x&a%5B%5D=true&b+c=%C3%A9%26"},
		{nested, "comma", "dots", "a.b.c=1"},
		{nested, "comma", "brackets", "a%5Bb%5D%5Bc%5D=1"},
	} {
		if got, err := FormatQuery(table.params, table.arrays, table.objects); err != nil || got != table.want {
			t.Errorf("%s, %s: got %s, %v", table.arrays, table.objects, got, err)
		}
	}
	if _, err := FormatQuery(list, "indices", ""); !errors.Is(err, ErrNested) {
		t.Errorf("indices: got %v", err)
	}
}
