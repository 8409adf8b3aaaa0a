package client

import (
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"samewire/parity/testees/go/tinker"
	"samewire/parity/testees/go/wire"
)

const (
	// Queue is how many events wait at most; more are dropped. Batch is how many one request takes. Source: tinker.md section 3.7.
	Queue = 10_000
	Batch = 100
)

// EventQueue is bounded: telemetry may get lost, but takes no memory and stops nothing.
type EventQueue struct {
	mutex   sync.Mutex
	events  []tinker.TelemetryEvent
	dropped int
}

// Put says whether the event was taken.
func (q *EventQueue) Put(event tinker.TelemetryEvent) bool {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if len(q.events) >= Queue {
		q.dropped++
		return false
	}
	q.events = append(q.events, event)
	return true
}

// Take gives the next batch; none when there is none.
func (q *EventQueue) Take() []tinker.TelemetryEvent {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	batch := q.events[:min(Batch, len(q.events))]
	q.events = q.events[len(batch):]
	return batch
}

// Dropped counts the events that found no place.
func (q *EventQueue) Dropped() int {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	return q.dropped
}

// Events makes the events of one session; each has the next index, from 0.
type Events struct {
	mutex sync.Mutex
	next  int64
	began time.Time
	now   func() time.Time
}

// NewEvents begins a session.
func NewEvents(now func() time.Time) *Events { return &Events{now: now, began: now()} }

// Started is the first event.
func (e *Events) Started() tinker.SessionStartEvent {
	return tinker.SessionStartEvent{EventID: newID(), EventSessionIndex: e.index(), Severity: "INFO", Timestamp: e.now()}
}

// Ended is the last event; its duration is written as Python prints one.
func (e *Events) Ended() tinker.SessionEndEvent {
	now := e.now()
	lasted := now.Sub(e.began)
	duration := fmt.Sprintf("%d:%02d:%02d.%06d", int(lasted.Hours()), int(lasted.Minutes())%60, int(lasted.Seconds())%60,
		lasted.Microseconds()%1_000_000)
	return tinker.SessionEndEvent{
		Duration: duration, EventID: newID(), EventSessionIndex: e.index(), Severity: "INFO", Timestamp: now,
	}
}

// Generic is an event by name.
func (e *Events) Generic(name string, data map[string]any, severity tinker.Severity) tinker.GenericEvent {
	if data == nil {
		data = map[string]any{}
	}
	return tinker.GenericEvent{
		EventID: newID(), EventName: name, EventSessionIndex: e.index(), Severity: severity, Timestamp: e.now(),
		EventData: wire.Some(data),
	}
}

// Exception reports an error; the user's own is no crash, and told as a warning.
func (e *Events) Exception(err error) tinker.TelemetryEvent {
	if blamed := UserError(err); blamed != nil {
		data := map[string]any{"error_type": errorType(err), "message": err.Error()}
		var status *StatusError
		if errors.As(blamed, &status) {
			data["status_code"] = int64(status.Status)
			data["body"] = status.Body
		}
		return e.Generic("user_error", data, "WARNING")
	}
	return tinker.UnhandledExceptionEvent{
		ErrorMessage: err.Error(), ErrorType: errorType(err), EventID: newID(), EventSessionIndex: e.index(),
		Severity: "ERROR", Timestamp: e.now(), Traceback: wire.Null[string](),
	}
}

func (e *Events) index() int64 {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.next++
	return e.next - 1
}

func errorType(err error) string { return fmt.Sprintf("%T", err) }

// newID is a random UUID, version 4.
func newID() string {
	var bytes [16]byte
	_, _ = rand.Read(bytes[:]) // never fails
	bytes[6] = bytes[6]&0x0f | 0x40
	bytes[8] = bytes[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", bytes[0:4], bytes[4:6], bytes[6:8], bytes[8:10], bytes[10:])
}
