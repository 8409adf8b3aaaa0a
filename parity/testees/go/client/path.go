package client

import (
	"errors"
	"fmt"
	"strings"
)

// ErrPath: no path of weights.
var ErrPath = errors.New("no path of weights: tinker://RUN/KIND/NAME, where KIND is weights or sampler_weights")

const scheme = "tinker://"

// Path says where weights are.
type Path struct{ Run, Kind, Name string }

// ParsePath reads tinker://RUN/KIND/NAME, or fails with ErrPath.
func ParsePath(text string) (Path, error) {
	rest, found := strings.CutPrefix(text, scheme)
	parts := strings.Split(rest, "/")
	if !found || len(parts) != 3 || parts[0] == "" || parts[2] == "" || (parts[1] != "weights" && parts[1] != "sampler_weights") {
		return Path{}, fmt.Errorf("%q: %w", text, ErrPath)
	}
	return Path{parts[0], parts[1], parts[2]}, nil
}

// CheckpointID is what the routes of listings call it: two segments.
func (p Path) CheckpointID() string { return p.Kind + "/" + p.Name }

func (p Path) String() string { return scheme + p.Run + "/" + p.CheckpointID() }
