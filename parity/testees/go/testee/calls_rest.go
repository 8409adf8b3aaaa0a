package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"samewire/parity/testees/go/client"
	"samewire/parity/testees/go/tinker"
)

func pollDecide(input struct {
	Status   *int
	Error    string
	Body     json.RawMessage
	Failures int
}, dialect *client.Dialect) (any, error) {
	status := 200
	switch {
	case input.Error != "":
		status = 0
	case input.Status != nil:
		status = *input.Status
	}
	step := client.DecidePoll(status, input.Body, input.Failures, dialect)
	told := map[string]any{"then": step.Then}
	if step.Then == client.Poll {
		told["delay_s"] = step.Delay
	}
	if step.Then == client.Fail {
		for key, value := range outcomeOf(step.Err) {
			if key == "kind" || key == "category" {
				told[key] = value
			}
		}
	}
	if step.QueueState != "" {
		told["queue_state"], told["observed"] = step.QueueState, step.Observed
	}
	return told, nil
}

func categoryParse(input struct{ Text string }, dialect *client.Dialect) (any, error) {
	return client.ParseCategory(input.Text, dialect), nil
}

func categoryRetryable(input struct {
	Category string
	Status   int
}, dialect *client.Dialect) (any, error) {
	return client.RetriesFailure(client.ParseCategory(input.Category, dialect), input.Status, dialect), nil
}

func queueParse(input struct{ Text any }, _ *client.Dialect) (any, error) {
	text, _ := input.Text.(string)
	return client.ParseQueueState(text), nil
}

func pathParse(input struct{ Path string }, _ *client.Dialect) (any, error) {
	path, err := client.ParsePath(input.Path)
	return map[string]string{"run": path.Run, "kind": path.Kind, "name": path.Name, "checkpoint_id": path.CheckpointID()}, err
}

func telemetryEnabled(input struct{ Env map[string]string }, _ *client.Dialect) (any, error) {
	value, set := input.Env["TINKER_TELEMETRY"]
	return client.TelemetryEnabled(value, set), nil
}

func telemetryBatches(input struct{ Events int }, _ *client.Dialect) (any, error) {
	var queue client.EventQueue
	event := client.NewEvents(time.Now).Started()
	for range input.Events {
		queue.Put(event)
	}
	batches := []int{}
	for batch := queue.Take(); len(batch) > 0; batch = queue.Take() {
		batches = append(batches, len(batch))
	}
	return map[string]any{"batches": batches, "dropped": queue.Dropped()}, nil
}

type toldError struct {
	Kind     string
	Status   int
	Category string
	Cause    *toldError
}

func (e toldError) err(dialect *client.Dialect) error {
	var made error
	switch e.Kind {
	case "status":
		made = &client.StatusError{Status: e.Status}
	case "request_failed":
		made = &client.RequestFailedError{Category: client.ParseCategory(e.Category, dialect)}
	case "validation":
		made = &client.ValidationError{Err: errors.New("planted")}
	case "connection", "timeout":
		made = &client.ConnectionError{Timeout: e.Kind == "timeout", Err: errors.New("planted")}
	default:
		made = errors.New("planted")
	}
	if e.Cause != nil {
		return fmt.Errorf("%w, because of %w", made, e.Cause.err(dialect))
	}
	return made
}

func telemetryException(input struct{ Error toldError }, dialect *client.Dialect) (any, error) {
	event := client.NewEvents(time.Now).Exception(input.Error.err(dialect))
	switch event := event.(type) {
	case tinker.GenericEvent:
		return map[string]any{"event": "GENERIC_EVENT", "severity": event.Severity, "event_name": event.EventName}, nil
	case tinker.UnhandledExceptionEvent:
		return map[string]any{"event": "UNHANDLED_EXCEPTION", "severity": event.Severity}, nil
	default:
		return nil, fmt.Errorf("an error became %T", event)
	}
}

func telemetryIndex(input struct{ Events []string }, _ *client.Dialect) (any, error) {
	events := client.NewEvents(time.Now)
	indices := []int64{}
	for _, kind := range input.Events {
		var index int64
		switch kind {
		case "SESSION_START":
			index = events.Started().EventSessionIndex
		case "SESSION_END":
			index = events.Ended().EventSessionIndex
		case "UNHANDLED_EXCEPTION":
			crash, _ := events.Exception(errors.New("planted")).(tinker.UnhandledExceptionEvent)
			index = crash.EventSessionIndex
		default:
			index = events.Generic("planted", nil, "INFO").EventSessionIndex
		}
		indices = append(indices, index)
	}
	return indices, nil
}

func pagesPlan(input struct{ Limit, Batch, Total int }, _ *client.Dialect) (any, error) {
	asked := [][2]int{}
	_, _, err := client.Collect(func(limit, offset int) ([]struct{}, int, error) {
		asked = append(asked, [2]int{limit, offset})
		return make([]struct{}, max(0, min(limit, input.Total-offset))), input.Total, nil
	}, input.Limit, input.Batch)
	return asked, err
}

func cliSize(input struct{ Bytes *int64 }, _ *client.Dialect) (any, error) {
	if input.Bytes == nil {
		return client.FormatSize(-1), nil
	}
	return client.FormatSize(*input.Bytes), nil
}

func cliTime(input struct {
	Time *string
	Now  string
}, _ *client.Dialect) (any, error) {
	now, err := time.Parse(time.RFC3339Nano, input.Now)
	if err != nil || input.Time == nil {
		return client.FormatTime("", now), err
	}
	return client.FormatTime(*input.Time, now), nil
}
