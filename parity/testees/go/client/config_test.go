package client

import (
	"errors"
	"slices"
	"testing"
)

func TestResolve(t *testing.T) {
	env := map[string]string{"TINKER_API_KEY": "k", "TINKER_BASE_URL": "http://b", "TINKER_TAGS": "b,a,b"}
	lookup := func(name string) (string, bool) { value, set := env[name]; return value, set }
	got, err := Config{}.Resolve(lookup)
	if err != nil || got.APIKey != "k" || got.BaseURL != "http://b" || !slices.Equal(got.Tags, []string{"a", "b"}) || *got.MaxRetries != 10 {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, _ := (Config{APIKey: "mine", BaseURL: "http://mine"}).Resolve(lookup); got.APIKey != "mine" || got.BaseURL != "http://mine" {
		t.Errorf("got %+v", got)
	}
	clear(env)
	if _, err := (Config{}).Resolve(lookup); !errors.Is(err, ErrNoAPIKey) {
		t.Errorf("got %v", err)
	}
}

func TestParsePath(t *testing.T) {
	if path, err := ParsePath("tinker://r/weights/a"); err != nil || path.CheckpointID() != "weights/a" || path.String() != "tinker://r/weights/a" {
		t.Errorf("got %v, %v", path, err)
	}
	for _, bad := range []string{"", "r/weights/a", "tinker://r/weights", "tinker://r/weights/a/b", "tinker://r/other/a", "tinker:///weights/a"} {
		if _, err := ParsePath(bad); !errors.Is(err, ErrPath) {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}
