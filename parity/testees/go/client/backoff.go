package client

import (
	"math"
	"net/http"
	"time"
)

const (
	samplePause   = 1.0
	sampleFirst   = 0.5
	sampleLongest = 10.0
	sampleJitter  = 0.25
)

// SamplingPause gives the seconds for which all samples of one key at one server wait; 0: not because of this answer.
// Source: tinker.md section 3.5, seed 000 section 3.3.
func SamplingPause(status int, headers http.Header, now time.Time, dialect *Dialect) float64 {
	if status != http.StatusTooManyRequests {
		return 0
	}
	if said, ok := retryAfter(headers, now); ok && said > 0 && dialect.Envelope {
		return said
	}
	return samplePause
}

// SampleRetryDelay gives the seconds before a sample is tried again as a whole; random spreads it by a quarter both ways.
func SampleRetryDelay(attempt int, random float64) float64 {
	delay := min(sampleFirst*math.Pow(2, float64(attempt)), sampleLongest)
	return max(0, min(delay*(1+sampleJitter*(2*random-1)), sampleLongest))
}
