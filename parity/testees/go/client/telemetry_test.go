package client

import (
	"errors"
	"fmt"
	"regexp"
	"testing"
	"time"

	"samewire/parity/testees/go/tinker"
)

func TestEventQueueIsBounded(t *testing.T) {
	var queue EventQueue
	for range Queue + 3 {
		queue.Put(tinker.SessionStartEvent{})
	}
	taken := 0
	for batch := queue.Take(); len(batch) > 0; batch = queue.Take() {
		if len(batch) > Batch {
			t.Fatalf("a batch of %d", len(batch))
		}
		taken += len(batch)
	}
	if taken != Queue || queue.Dropped() != 3 {
		t.Errorf("took %d, dropped %d", taken, queue.Dropped())
	}
}

func TestException(t *testing.T) {
	events := NewEvents(time.Now)
	blamed := fmt.Errorf("%w: %w", errors.New("x"), &StatusError{Status: 404})
	if event, ok := events.Exception(blamed).(tinker.GenericEvent); !ok || event.EventName != "user_error" {
		t.Errorf("got %+v", event)
	}
	crash, ok := events.Exception(&StatusError{Status: 408}).(tinker.UnhandledExceptionEvent)
	if !ok || crash.EventSessionIndex != 1 {
		t.Errorf("got %+v", crash)
	}
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(crash.EventID) {
		t.Errorf("no UUID: %s", crash.EventID)
	}
}

func TestEndedHasPythonsDuration(t *testing.T) {
	now := time.Unix(0, 0)
	events := NewEvents(func() time.Time { return now })
	now = now.Add(time.Hour + 2*time.Minute + 13*time.Second + 557*time.Millisecond)
	if got := events.Ended().Duration; got != "1:02:13.557000" {
		t.Errorf("got %s", got)
	}
}
