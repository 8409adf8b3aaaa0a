// Package client is a Tinker client: sessions, training, sampling, futures, and listings, over net/http.
//
// A client speaks one dialect, that is, one generation of clients and servers. What differs between them stands in Dialect.
package client

import (
	"slices"

	"samewire/parity/testees/go/tinker"
	"samewire/parity/testees/go/wire"
)

// Dialect is one generation: facts of tinker.md sections 3 and 4.
type Dialect struct {
	wire.Dialect
	SDKVersion string
	// ChunkLen and ChunkNumbers bound one request of a batch: data, and their tokens and tensor elements together.
	ChunkLen     int
	ChunkNumbers int
	// UniqueFrom is the suffix of the second value of a "unique" metric.
	UniqueFrom int
	// RetriedStatuses are tried again, besides 500 and above; RetriesConnection: so is a call that got no answer.
	RetriedStatuses   []int
	RetriesConnection bool
	// RetryAfterStatuses are those whose Retry-After counts; none: all that are retried.
	RetryAfterStatuses []int
	// Envelope: results come as {"status": …}.
	Envelope bool
	// FoldsCategory: "User" is read as "user".
	FoldsCategory bool
	// RetriesFailed: a request that failed by no fault of the user's is sent anew.
	RetriesFailed bool
	// CastsTensors: values become those of their dtype, not only its label.
	CastsTensors bool
}

// V041 is the SDK of Python, release 0.4.1. Tinkex is what the seeds of the Elixir port say; where they are silent, as V041.
var (
	V041 = &Dialect{
		Dialect: tinker.V041, SDKVersion: "0.4.1", ChunkLen: 128, ChunkNumbers: 500_000, UniqueFrom: 1,
		RetriedStatuses: []int{408, 409, 429}, RetriesConnection: true,
	}
	Tinkex = &Dialect{
		Dialect: tinker.Tinkex, SDKVersion: "0.4.1", ChunkLen: 128, ChunkNumbers: 500_000, UniqueFrom: 2,
		RetriedStatuses: []int{408, 429}, RetryAfterStatuses: []int{429},
		Envelope: true, FoldsCategory: true, RetriesFailed: true, CastsTensors: true,
	}
	Dialects = []*Dialect{V041, Tinkex}
)

// FindDialect gives the dialect of a name, or nil.
func FindDialect(name string) *Dialect {
	for _, dialect := range Dialects {
		if dialect.Name == name {
			return dialect
		}
	}
	return nil
}

func (d *Dialect) retriesStatus(status int) bool {
	return status >= 500 || slices.Contains(d.RetriedStatuses, status)
}

func (d *Dialect) heedsRetryAfter(status int) bool {
	return len(d.RetryAfterStatuses) == 0 || slices.Contains(d.RetryAfterStatuses, status)
}
