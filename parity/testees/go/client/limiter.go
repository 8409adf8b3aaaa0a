package client

import (
	"context"
	"sync"
)

const limiterStep = 1.0

// rateLimit makes all samples of one tenant wait after a 429. Source: tinker.md section 3.5; seed 000 section 3.3.
type rateLimit struct {
	mutex sync.Mutex
	until float64
	clock Clock
	// stepwise: who waits looks again every second, as the SDKs do.
	stepwise bool
}

// pause begins now; it never shortens a pause.
func (l *rateLimit) pause(seconds float64) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.until = max(l.until, l.clock.Passed()+seconds)
}

func (l *rateLimit) wait(ctx context.Context) error {
	for {
		l.mutex.Lock()
		left := l.until - l.clock.Passed()
		l.mutex.Unlock()
		if left <= 0 {
			return nil
		}
		if l.stepwise {
			left = limiterStep
		}
		if err := l.clock.Sleep(ctx, left); err != nil {
			return err
		}
	}
}

type tenant struct{ baseURL, apiKey string }

// RateLimits holds one limit for each base URL and key, of all clients that are given the same RateLimits.
type RateLimits struct {
	mutex  sync.Mutex
	limits map[tenant]*rateLimit
}

func (l *RateLimits) of(who tenant, clock Clock) *rateLimit {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.limits == nil {
		l.limits = map[tenant]*rateLimit{}
	}
	if l.limits[who] == nil {
		l.limits[who] = &rateLimit{clock: clock}
	}
	return l.limits[who]
}
