package client

import (
	"fmt"
	"math"
	"net/http"

	"samewire/parity/testees/go/tinker"
	"samewire/parity/testees/go/wire"
)

// Then is what a client does after one answer to retrieve_future.
type Then string

const (
	Done     Then = "done"
	Poll     Then = "poll"
	Resubmit Then = "resubmit"
	Fail     Then = "fail"
)

// Step is what one answer to retrieve_future means. Source: tinker.md sections 2.7 and 3.4; seeds 000 section 3.4, 001 section 3.4.
type Step struct {
	Then Then
	// Delay in seconds before the next poll.
	Delay float64
	// Err says why it failed.
	Err error
	// QueueState is empty where the answer tells none; Observed: whether the observer is told.
	QueueState tinker.QueueState
	Observed   bool
	// Result is the JSON of a message, as wire.Parse gives it.
	Result any
}

const (
	pollLongest = 30.0
	tryAgain    = 1.0
)

// DecidePoll reads one answer. Status 0: no answer came; failures: how many like it came in a row before this one.
func DecidePoll(status int, body []byte, failures int, dialect *Dialect) Step {
	switch {
	case status == noAnswer:
		return Step{Then: Poll, Delay: longer(failures)}
	case status == http.StatusOK:
		return decideAnswer(body, failures, dialect)
	case status == http.StatusRequestTimeout:
		tree, _ := wire.Parse(body)
		said, _ := tree.(map[string]any)
		return waiting(said, 0, true)
	case status >= 500:
		return Step{Then: Poll}
	case status == http.StatusGone:
		return Step{Then: Resubmit, Err: &StatusError{Status: status, Body: string(body)}}
	default:
		return Step{Then: Fail, Err: &StatusError{Status: status, Body: string(body)}}
	}
}

func longer(failures int) float64 { return min(math.Pow(2, float64(failures)), pollLongest) }

func decideAnswer(body []byte, failures int, dialect *Dialect) Step {
	tree, err := wire.Parse(body)
	if err != nil {
		return Step{Then: Fail, Err: &ValidationError{err}}
	}
	said, ok := tree.(map[string]any)
	if !ok {
		return Step{Then: Fail, Err: &ValidationError{fmt.Errorf("expected an object, got %s", body)}}
	}
	if said["type"] == "try_again" {
		return decideTryAgain(said, dialect)
	}
	if dialect.Envelope {
		switch said["status"] {
		case "pending":
			return Step{Then: Poll, Delay: longer(failures)}
		case "completed":
			return Step{Then: Done, Result: said["result"]}
		case "failed":
			failure, _ := said["error"].(map[string]any)
			return failed(failure["message"], failure["category"], dialect)
		}
	}
	if reason, there := said["error"]; there {
		return failed(reason, said["category"], dialect)
	}
	return Step{Then: Done, Result: said}
}

func decideTryAgain(said map[string]any, dialect *Dialect) Step {
	if !dialect.Envelope {
		return waiting(said, 0, false)
	}
	delay := tryAgain
	if number, ok := said["retry_after_ms"].(wire.Number); ok {
		var millis float64
		if _, err := fmt.Sscan(string(number), &millis); err == nil {
			delay = millis / 1000
		}
	}
	return waiting(said, delay, true)
}

func waiting(said map[string]any, delay float64, tells bool) Step {
	step := Step{Then: Poll, Delay: delay}
	if state := said["queue_state"]; state != nil {
		text, _ := state.(string)
		step.QueueState, step.Observed = ParseQueueState(text), tells
	}
	return step
}

func failed(reason, category any, dialect *Dialect) Step {
	text, _ := category.(string)
	why, _ := reason.(string)
	return Step{Then: Fail, Err: &RequestFailedError{Reason: why, Category: ParseCategory(text, dialect)}}
}
