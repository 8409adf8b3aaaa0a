package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"samewire/parity/testees/go/tinker"
)

// StatusError is an answer that says no.
type StatusError struct {
	Status int
	Body   string
	Header http.Header
}

var errorKinds = map[int]string{
	400: "bad_request",
	401: "authentication",
	403: "permission_denied",
	404: "not_found",
	409: "conflict",
	422: "unprocessable",
	429: "rate_limit",
}

// Kind is the status in a word: bad_request, authentication, …, server, or status for those that have none.
func (e *StatusError) Kind() string {
	if kind, ok := errorKinds[e.Status]; ok {
		return kind
	}
	if e.Status >= 500 {
		return "server"
	}
	return "status"
}

func (e *StatusError) Error() string {
	body := strings.TrimSpace(e.Body)
	if json.Valid([]byte(body)) || body == "" {
		return strings.TrimSuffix(fmt.Sprintf("Error code: %d - %s", e.Status, body), " - ")
	}
	return body
}

// ConnectionError: no answer came; Timeout: not in time.
type ConnectionError struct {
	Timeout bool
	Err     error
}

func (e *ConnectionError) Error() string { return "no answer: " + e.Err.Error() }
func (e *ConnectionError) Unwrap() error { return e.Err }

// RequestFailedError: the service took the request, and could not do it.
type RequestFailedError struct {
	RequestID string
	Reason    string
	Category  tinker.RequestErrorCategory
}

func (e *RequestFailedError) Error() string {
	return fmt.Sprintf("request %s failed: %s (%s error)", e.RequestID, e.Reason, e.Category)
}

// ValidationError: an answer is not the message that it should be.
type ValidationError struct{ Err error }

func (e *ValidationError) Error() string {
	return "not the message that was expected: " + e.Err.Error()
}
func (e *ValidationError) Unwrap() error { return e.Err }

// ErrClosed: the client was given up, e.g. because its weights could not be loaded. ErrNoOptimizer: 0.4.1 cannot load one.
// ErrModel: a sampling client is of a base model or of saved weights.
var (
	ErrClosed      = errors.New("the client is closed")
	ErrNoOptimizer = errors.New("0.4.1 loads no optimizer")
	ErrModel       = errors.New("either a base model or the path of a model is needed")
)

// ExpiredError: the service forgot the request (410); it has to be sent anew.
type ExpiredError struct{ RequestID string }

func (e *ExpiredError) Error() string { return "request " + e.RequestID + " is forgotten" }

// WaitError: the result is not there after the time that the caller gave; it can be asked for again.
type WaitError struct{ RequestID string }

func (e *WaitError) Error() string { return "request " + e.RequestID + " is not done yet" }

// Retryable says whether asking once more makes sense.
func Retryable(err error) bool {
	var status *StatusError
	var failed *RequestFailedError
	var invalid *ValidationError
	switch {
	case errors.As(err, &status):
		return retryable("unknown", status.Status)
	case errors.As(err, &failed):
		return retryable(failed.Category, noAnswer)
	default:
		return !errors.As(err, &invalid)
	}
}

// UserError finds what the user is to blame for in an error or its causes. Source: tinker.md section 3.7.
func UserError(err error) error {
	switch e := err.(type) {
	case *StatusError:
		if 400 <= e.Status && e.Status < 500 && e.Status != http.StatusRequestTimeout {
			return e
		}
	case *RequestFailedError:
		if e.Category == "user" {
			return e
		}
	}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		return UserError(e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, cause := range e.Unwrap() {
			if blamed := UserError(cause); blamed != nil {
				return blamed
			}
		}
	}
	return nil
}
