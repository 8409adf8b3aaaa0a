package main

import (
	"context"
	"sync"
	"time"

	"samewire/parity/testees/go/client"
)

// notedClock sleeps not at all: it notes what would have been slept, and is ahead by as much.
type notedClock struct {
	client.SystemClock
	// sleeps: it does sleep, and time is real.
	sleeps bool

	mutex  sync.Mutex
	slept  []float64
	ahead  float64
	limits map[*time.Timer]limit
}

type limit struct {
	until float64
	end   context.CancelFunc
}

func newNotedClock() *notedClock {
	return &notedClock{slept: []float64{}, limits: map[*time.Timer]limit{}}
}

func (c *notedClock) Now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return time.Now().Add(time.Duration(c.ahead * float64(time.Second)))
}

// Passed goes on by sleeps and by nothing else, so that delays are exact.
func (c *notedClock) Passed() float64 {
	if c.sleeps {
		return c.SystemClock.Passed()
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.ahead
}

func (c *notedClock) Sleep(ctx context.Context, seconds float64) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	c.slept = append(c.slept, seconds)
	if c.sleeps {
		c.mutex.Unlock()
		defer c.mutex.Lock()
		return c.SystemClock.Sleep(ctx, seconds)
	}
	c.ahead += seconds
	for _, limit := range c.limits {
		if limit.until <= c.ahead {
			limit.end()
		}
	}
	return nil
}

// WithTimeout counts real time, too: for who waits for an answer that does not come.
func (c *notedClock) WithTimeout(ctx context.Context, seconds float64) (context.Context, context.CancelFunc) {
	ctx, end := context.WithCancel(ctx)
	timer := time.AfterFunc(time.Duration(seconds*float64(time.Second)), end)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.limits[timer] = limit{c.ahead + seconds, end}
	return ctx, func() {
		c.mutex.Lock()
		delete(c.limits, timer)
		c.mutex.Unlock()
		timer.Stop()
		end()
	}
}

// noted gives all sleeps.
func (c *notedClock) noted() []float64 {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return append([]float64{}, c.slept...)
}
