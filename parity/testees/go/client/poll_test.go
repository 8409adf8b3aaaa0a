package client

import (
	"errors"
	"testing"

	"samewire/parity/testees/go/tinker"
)

func TestDecidePoll(t *testing.T) {
	for _, table := range []struct {
		status   int
		body     string
		failures int
		dialect  *Dialect
		then     Then
		delay    float64
		state    tinker.QueueState
	}{
		{noAnswer, "", 3, V041, Poll, 8, ""},
		{503, "", 3, V041, Poll, 0, ""},
		{408, `{"queue_state":"paused_capacity"}`, 0, V041, Poll, 0, "paused_capacity"},
		{408, ``, 0, V041, Poll, 0, ""},
		{410, "", 0, V041, Resubmit, 0, ""},
		{429, "", 0, V041, Fail, 0, ""},
		{200, `{}`, 0, V041, Done, 0, ""},
		{200, `{`, 0, V041, Fail, 0, ""},
		{200, `[]`, 0, V041, Fail, 0, ""},
		{200, `{"error":null}`, 0, V041, Fail, 0, ""},
		{200, `{"status":"pending"}`, 0, V041, Done, 0, ""},
		{200, `{"status":"pending"}`, 2, Tinkex, Poll, 4, ""},
		{200, `{"status":"completed","result":{}}`, 2, Tinkex, Done, 0, ""},
		{200, `{"type":"try_again","queue_state":"odd"}`, 0, V041, Poll, 0, "unknown"},
		{200, `{"type":"try_again","retry_after_ms":250}`, 0, Tinkex, Poll, 0.25, ""},
	} {
		step := DecidePoll(table.status, []byte(table.body), table.failures, table.dialect)
		if step.Then != table.then || step.Delay != table.delay || step.QueueState != table.state {
			t.Errorf("%d %s in %s: got %+v", table.status, table.body, table.dialect.Name, step)
		}
	}
}

func TestFailureHasItsCategory(t *testing.T) {
	for dialect, body := range map[*Dialect]string{
		V041:   `{"error":"no","category":"user"}`,
		Tinkex: `{"status":"failed","error":{"message":"no","category":"User"}}`,
	} {
		var failed *RequestFailedError
		step := DecidePoll(200, []byte(body), 0, dialect)
		if !errors.As(step.Err, &failed) || failed.Category != "user" || failed.Reason != "no" {
			t.Errorf("%s: got %v", dialect.Name, step.Err)
		}
	}
}
