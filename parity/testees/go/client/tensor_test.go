package client

import (
	"errors"
	"reflect"
	"testing"

	"samewire/parity/testees/go/tinker"
)

func TestMakeTensor(t *testing.T) {
	rows := []any{[]any{int64(1), 2.5}, []any{int64(3), int64(4)}}
	got, err := MakeTensor(rows, "f64", V041)
	if shape, _ := got.Shape.Get(); err != nil || !reflect.DeepEqual(got.Data, tinker.Floats{1, 2.5, 3, 4}) || !reflect.DeepEqual(shape, []int64{2, 2}) {
		t.Errorf("got %v, %v", got, err)
	}
	for kind, want := range map[string]tinker.Floats{"f64": {0.1}, "f32": {0.10000000149011612}, "f16": {0.0999755859375}} {
		if got, err := MakeTensor([]any{0.1}, kind, V041); err != nil || !reflect.DeepEqual(got.Data, want) {
			t.Errorf("%s: got %v, %v", kind, got.Data, err)
		}
	}
	for _, bad := range []any{[]any{[]any{int64(1)}, []any{}}, []any{int64(1), []any{}}} {
		if _, err := MakeTensor(bad, "i64", V041); !errors.Is(err, ErrDtype) {
			t.Errorf("%v: got %v", bad, err)
		}
	}
	if _, err := MakeTensor([]any{int64(1)}, "u8", V041); !errors.Is(err, ErrDtype) {
		t.Errorf("u8: got %v", err)
	}
	if _, err := MakeTensor([]any{int64(1)}, "u8", Tinkex); err != nil {
		t.Errorf("u8 in tinkex: got %v", err)
	}
}

func TestMakeInputs(t *testing.T) {
	made, err := MakeInputs(map[string]any{"weights": []any{int64(1), 0.5}})
	if err != nil || made["weights"].Dtype != "float32" {
		t.Errorf("got %v, %v", made, err)
	}
	if _, err := MakeInputs(map[string]any{"odd": []any{}}); !errors.Is(err, ErrUnknownName) {
		t.Errorf("odd: got %v", err)
	}
}
