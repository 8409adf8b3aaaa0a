package client

import (
	"context"
	"log"
	"time"

	"samewire/parity/testees/go/tinker"
)

const (
	flushEvery       = 10 * time.Second
	telemetryTimeout = 5 * time.Second
)

// Reporter sends telemetry. Whatever happens to it, nobody else notices. Source: tinker.md section 3.7.
type Reporter struct {
	session *session
	id      string
	events  *Events
	queue   EventQueue
	due     chan struct{}
}

func newReporter(session *session) *Reporter {
	made := &Reporter{session: session, id: session.id, events: NewEvents(session.clock.Now), due: make(chan struct{}, 1)}
	made.queue.Put(made.events.Started())
	return made
}

// Event says whether it will be sent: the queue may be full.
func (r *Reporter) Event(name string, data map[string]any, severity tinker.Severity) bool {
	return r.queue.Put(r.events.Generic(name, data, severity))
}

// Exception is sent soon.
func (r *Reporter) Exception(err error) bool {
	defer func() {
		select {
		case r.due <- struct{}{}:
		default:
		}
	}()
	return r.queue.Put(r.events.Exception(err))
}

// Flush sends what waits. A batch that cannot be sent is lost, and said in the log.
func (r *Reporter) Flush(ctx context.Context) {
	for batch := r.queue.Take(); len(batch) > 0; batch = r.queue.Take() {
		request := tinker.TelemetrySendRequest{
			Events: batch, Platform: systemName(),
			SDKVersion: r.session.dialect.SDKVersion, SessionID: r.id,
		}
		call := Call{Path: "/api/v1/telemetry", Timeout: telemetryTimeout}
		if _, err := askWith[tinker.TelemetryResponse](ctx, r.session, call, request); err != nil {
			log.Printf("tinker: %d telemetry events are lost: %v", len(batch), err)
		}
	}
}

func (r *Reporter) run() {
	ticker := time.NewTicker(flushEvery)
	defer ticker.Stop()
	for {
		select {
		case <-r.session.life.Done():
			return // 0.4.1 leaves the rest unsent
		case <-ticker.C:
		case <-r.due:
		}
		ctx, cancel := context.WithTimeout(r.session.life, flushEvery)
		r.Flush(ctx)
		cancel()
	}
}
