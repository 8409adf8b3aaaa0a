package client

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// MaxRetries of one HTTP call, besides the first try.
const MaxRetries = 10

const (
	retryFirst   = 0.5
	retryLongest = 10.0
	retryJitter  = 0.25
	// Longer waits than this are not taken from a server.
	retryAfterLongest = 60.0
)

// noAnswer stands for a status where there is none.
const noAnswer = 0

// RetryCall says whether an HTTP call is tried again; status 0: no answer came. Source: tinker.md section 3.1.
func RetryCall(status int, headers http.Header, dialect *Dialect) bool {
	if status == noAnswer {
		return dialect.RetriesConnection
	}
	if status < 400 {
		return false
	}
	switch headers.Get("x-should-retry") {
	case "true":
		return true
	case "false":
		return false
	}
	return dialect.retriesStatus(status)
}

// RetryDelay gives the seconds before retry number retry, from 0: what the server says, where that is sensible, else longer
// each time. Random is in [0, 1).
func RetryDelay(retry int, headers http.Header, random float64, now time.Time) float64 {
	if said, ok := retryAfter(headers, now); ok && 0 < said && said <= retryAfterLongest {
		return said
	}
	return min(retryFirst*math.Pow(2, float64(retry)), retryLongest) * (1 - retryJitter*random)
}

// retryAfter gives the seconds that a server asks for.
func retryAfter(headers http.Header, now time.Time) (float64, bool) {
	if millis, err := strconv.ParseFloat(headers.Get("retry-after-ms"), 64); err == nil {
		return millis / 1000, true
	}
	said := headers.Get("retry-after")
	if seconds, err := strconv.ParseFloat(said, 64); err == nil {
		return seconds, true
	}
	for _, form := range []string{time.RFC1123, time.RFC1123Z, time.RFC850, time.ANSIC} {
		if date, err := time.Parse(form, said); err == nil {
			return date.Sub(now).Seconds(), true
		}
	}
	return 0, false
}

const (
	submitLongest = 30.0
	submitLimit   = 300.0
)

// SubmitDelay gives the seconds until a whole submit is tried again, on top of the retries of its calls, and whether it is.
// Status 0: no answer came; attempt counts from 0. Source: tinker.md section 3.2.
func SubmitDelay(status, attempt int, elapsed float64, dialect *Dialect) (float64, bool) {
	again := dialect.retriesStatus(status)
	if status == noAnswer {
		again = dialect.RetriesConnection
	}
	if !again || elapsed >= submitLimit {
		return 0, false
	}
	return min(math.Pow(2, float64(attempt)), submitLongest, submitLimit-elapsed), true
}
