package client

import (
	"net/http"
	"testing"
	"time"
)

func headers(pairs ...string) http.Header {
	made := http.Header{}
	for index := 0; index < len(pairs); index += 2 {
		made.Set(pairs[index], pairs[index+1])
	}
	return made
}

func TestRetryCall(t *testing.T) {
	for _, table := range []struct {
		status      int
		headers     http.Header
		old, tinkex bool
	}{
		{noAnswer, nil, true, false},
		{200, headers("x-should-retry", "true"), false, false},
		{404, nil, false, false},
		{404, headers("x-should-retry", "true"), true, true},
		{404, headers("x-should-retry", "True"), false, false},
		{409, nil, true, false},
		{429, nil, true, true},
		{503, nil, true, true},
		{503, headers("x-should-retry", "false"), false, false},
	} {
		old, tinkex := RetryCall(table.status, table.headers, V041), RetryCall(table.status, table.headers, Tinkex)
		if old != table.old || tinkex != table.tinkex {
			t.Errorf("%d %v: got %v and %v", table.status, table.headers, old, tinkex)
		}
	}
}

func TestRetryDelay(t *testing.T) {
	now := time.Date(2015, 10, 21, 7, 28, 0, 0, time.UTC)
	for _, table := range []struct {
		retry   int
		headers http.Header
		random  float64
		want    float64
	}{
		{0, nil, 0, 0.5},
		{2, nil, 0.5, 1.75},
		{99, nil, 0, 10},
		{0, headers("retry-after-ms", "20", "retry-after", "9"), 0, 0.02},
		{0, headers("retry-after", "60"), 0, 60},
		{0, headers("retry-after", "61"), 0, 0.5},
		{0, headers("retry-after", "0"), 0, 0.5},
		{0, headers("retry-after", "Wed, 21 Oct 2015 07:28:05 GMT"), 0, 5},
	} {
		if got := RetryDelay(table.retry, table.headers, table.random, now); got != table.want {
			t.Errorf("%d %v: got %v, want %v", table.retry, table.headers, got, table.want)
		}
	}
}

func TestSubmitDelay(t *testing.T) {
	if delay, again := SubmitDelay(503, 9, 290, V041); delay != 10 || !again {
		t.Errorf("got %v, %v", delay, again)
	}
	if _, again := SubmitDelay(503, 0, 300, V041); again {
		t.Error("tried again after 300 s")
	}
}
