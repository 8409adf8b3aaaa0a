package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Call is one HTTP call. Nil and 0 are as the client's config says.
type Call struct {
	Method, Path string
	// Query is the text behind the question mark.
	Query      string
	Body       []byte
	Headers    map[string]*string
	Timeout    time.Duration
	MaxRetries *int
	// StaysHere: a redirect is an answer like any other.
	StaysHere bool
}

// Answer is what came, below 400.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

const redirects = 10

// transport makes HTTP calls, with their retries. Source: tinker.md sections 1.2 and 3.1; seed 000 sections 3.2 and 4.2.
type transport struct {
	config Config
	clock  Clock
	random func() float64
	client *http.Client
}

func newTransport(config Config, clock Clock, random func() float64) *transport {
	connections := &http.Transport{MaxIdleConnsPerHost: 100, IdleConnTimeout: time.Minute} // no proxy of the environment
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &transport{config, clock, random, &http.Client{Transport: connections, CheckRedirect: stay}}
}

func (t *transport) close() { t.client.CloseIdleConnections() }

// send gives the last answer below 400; else it fails with *StatusError or *ConnectionError.
func (t *transport) send(ctx context.Context, call Call) (*Answer, error) {
	tries := *t.config.MaxRetries
	if call.MaxRetries != nil {
		tries = *call.MaxRetries
	}
	if call.Timeout == 0 {
		call.Timeout = t.config.Timeout
	}
	headers := MergeHeaders(t.own(call), t.config.Headers, call.Headers)
	for attempt := 0; ; attempt++ {
		headers["x-stainless-retry-count"] = strconv.Itoa(attempt)
		answer, err := t.once(ctx, call, headers)
		if err == nil && answer.Status < 400 {
			return answer, nil
		}
		status, said := noAnswer, http.Header{}
		if err == nil {
			status, said = answer.Status, answer.Header
			err = &StatusError{Status: status, Body: string(answer.Body), Header: said}
		}
		if ctx.Err() != nil || attempt >= tries || !RetryCall(status, said, t.config.Dialect) {
			return nil, err
		}
		if !t.config.Dialect.heedsRetryAfter(status) {
			said = http.Header{}
		}
		if err := t.clock.Sleep(ctx, RetryDelay(attempt, said, t.random(), t.clock.Now())); err != nil {
			return nil, err
		}
	}
}

// own are the headers that the call has by itself.
func (t *transport) own(call Call) map[string]*string {
	own := t.config.ownHeaders()
	own["x-stainless-read-timeout"] = new(strconv.FormatFloat(call.Timeout.Seconds(), 'g', -1, 64))
	if call.Method != http.MethodGet {
		own["content-type"] = new("application/json")
		own["x-idempotency-key"] = new("stainless-python-retry-" + newID())
	}
	return own
}

func (t *transport) once(ctx context.Context, call Call, headers map[string]string) (*Answer, error) {
	within, cancel := context.WithTimeout(ctx, call.Timeout)
	defer cancel()
	request, err := t.request(within, call, headers)
	if err != nil {
		return nil, &ConnectionError{Err: err}
	}
	for range redirects {
		answer, err := t.one(request)
		if err != nil {
			return nil, lost(ctx, err)
		}
		location := answer.Header.Get("Location")
		if call.StaysHere || answer.Status < 300 || answer.Status >= 400 || location == "" {
			return answer, nil
		}
		if request, err = t.redirected(request, answer.Status, location, call.Body); err != nil {
			return nil, &ConnectionError{Err: err}
		}
	}
	return nil, &ConnectionError{Err: fmt.Errorf("more than %d redirects", redirects)}
}

func (t *transport) one(request *http.Request) (*Answer, error) {
	response, err := t.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return &Answer{response.StatusCode, response.Header, body}, err
}

// redirected is the request for another address: with its body after 307 and 308, else a GET; another host gets no key.
func (t *transport) redirected(request *http.Request, status int, location string, body []byte) (*http.Request, error) {
	there, err := request.URL.Parse(location)
	if err != nil {
		return nil, err
	}
	next := request.Clone(request.Context())
	next.URL, next.Host = there, there.Host
	if there.Host != request.URL.Host {
		next.Header.Del("X-API-Key")
	}
	if status != http.StatusTemporaryRedirect && status != http.StatusPermanentRedirect && request.Method != http.MethodHead {
		next.Method, body = http.MethodGet, nil
		next.Header.Del("Content-Type")
	}
	carry(next, body)
	return next, nil
}

func lost(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("given up: %w", ctx.Err())
	}
	return &ConnectionError{Timeout: errors.Is(err, context.DeadlineExceeded), Err: err}
}

// carry gives a request its body.
func carry(request *http.Request, body []byte) {
	request.Body = io.NopCloser(bytes.NewReader(body))
	request.ContentLength = int64(len(body))
	if len(body) == 0 && request.Method != http.MethodGet {
		request.Body = nil // else it would be sent in chunks
	}
}

// request makes one that net/http does not send again by itself: it has a body that cannot be had twice, and its idempotency
// key is not spelled as net/http looks for it. Retries are counted, and they are ours.
func (t *transport) request(ctx context.Context, call Call, headers map[string]string) (*http.Request, error) {
	url := JoinURL(t.config.BaseURL, call.Path)
	if call.Query != "" {
		url += "?" + call.Query
	}
	request, err := http.NewRequestWithContext(ctx, call.Method, url, nil)
	if err != nil {
		return nil, err
	}
	carry(request, call.Body)
	request.Header["User-Agent"] = nil // none, unless headers have one
	for name, value := range headers {
		if name == "x-idempotency-key" {
			request.Header[name] = []string{value}
		} else {
			request.Header.Set(name, value)
		}
	}
	return request, nil
}
