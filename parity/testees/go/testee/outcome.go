package main

import (
	"errors"

	"samewire/parity/testees/go/client"
)

// outcomeOf is an error as docs/cases.md has it; nil for one that no client has.
func outcomeOf(err error) map[string]any {
	var status *client.StatusError
	var lost *client.ConnectionError
	var failed *client.RequestFailedError
	var invalid *client.ValidationError
	var wait *client.WaitError
	var expired *client.ExpiredError
	told := map[string]any{}
	switch {
	case errors.As(err, &status):
		told["kind"], told["status"] = "status", status.Status
	case errors.As(err, &expired):
		told["kind"], told["status"] = "status", 410
	case errors.As(err, &failed):
		told["kind"], told["category"] = "request_failed", failed.Category
	case errors.As(err, &invalid):
		told["kind"] = "validation"
	case errors.As(err, &wait), errors.As(err, &lost) && lost.Timeout:
		told["kind"] = "timeout"
	case errors.As(err, &lost):
		told["kind"] = "connection"
	case isUsage(err):
		told["kind"] = "usage"
		return told
	default:
		return nil
	}
	told["retryable"] = client.Retryable(err)
	return told
}
