package client

import (
	"context"
	"time"
)

// Clock is time as a parameter, so that what depends on it can be told.
type Clock interface {
	Now() time.Time
	// Passed gives the seconds since some point; never backwards.
	Passed() float64
	// Sleep waits as retries, backoff and queues do; heartbeats and flushes do not ask here.
	Sleep(ctx context.Context, seconds float64) error
	// WithTimeout ends the context after so many seconds.
	WithTimeout(ctx context.Context, seconds float64) (context.Context, context.CancelFunc)
}

// SystemClock is the machine's.
type SystemClock struct{}

var started = time.Now()

func (SystemClock) Now() time.Time  { return time.Now() }
func (SystemClock) Passed() float64 { return time.Since(started).Seconds() }

func (SystemClock) Sleep(ctx context.Context, seconds float64) error {
	timer := time.NewTimer(duration(seconds))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (SystemClock) WithTimeout(ctx context.Context, seconds float64) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, duration(seconds))
}

func duration(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }
