package main

import (
	"errors"

	"samewire/parity/testees/go/client"
)

// outcomeOf is an error as docs/cases.md has it.
func outcomeOf(err error) map[string]any {
	var status *client.StatusError
	var lost *client.ConnectionError
	var failed *client.RequestFailedError
	var invalid *client.ValidationError
	var wait *client.WaitError
	told := map[string]any{}
	switch {
	case errors.As(err, &status):
		told["kind"], told["status"] = "status", status.Status
	case errors.As(err, &failed):
		told["kind"], told["category"] = "request_failed", failed.Category
	case errors.As(err, &invalid):
		told["kind"] = "validation"
	case errors.As(err, &wait), errors.As(err, &lost) && lost.Timeout:
		told["kind"] = "timeout"
	case errors.As(err, &lost):
		told["kind"] = "connection"
	default:
		told["kind"] = "usage"
		return told
	}
	told["retryable"] = client.Retryable(err)
	return told
}
