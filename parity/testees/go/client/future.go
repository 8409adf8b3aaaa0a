package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"samewire/parity/testees/go/tinker"
	"samewire/parity/testees/go/wire"
)

const pollTimeout = 45 * time.Second

// Future is a result that is not there yet. It is at work from its making on, and can be awaited by anybody, any number of times.
type Future[T any] struct {
	done  chan struct{}
	clock Clock
	value T
	err   error
}

func begin[T any](clock Clock, work func() (T, error)) *Future[T] {
	future := &Future[T]{done: make(chan struct{}), clock: clock}
	go func() {
		defer close(future.done)
		future.value, future.err = work()
	}()
	return future
}

// Result waits until it is there, or the context ends.
func (f *Future[T]) Result(ctx context.Context) (T, error) {
	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// Within waits for so many seconds, then fails with *WaitError; the work goes on, and can be awaited again.
func (f *Future[T]) Within(ctx context.Context, seconds float64) (T, error) {
	within, cancel := f.clock.WithTimeout(ctx, seconds)
	defer cancel()
	value, err := f.Result(within)
	if within.Err() != nil && ctx.Err() == nil && errors.Is(err, within.Err()) {
		return value, &WaitError{}
	}
	return value, err
}

// Observer is told why the service does not work on a request yet.
type Observer func(tinker.QueueState)

// Promise is what a long call answers at once. Kind is the header by which the service calls the request.
type Promise struct {
	RequestID string
	Kind      string
	// Roundtrip in seconds, of the call that gave it; 0 where it is not known.
	Roundtrip float64
}

// Retrieve begins to ask for the result of a promise.
func Retrieve[T any](ctx context.Context, service *ServiceClient, promise Promise, observer Observer) *Future[T] {
	return begin(service.session.clock, func() (T, error) { return retrieve[T](ctx, service.session, promise, observer) })
}

// retrieve polls until the result is there. Source: tinker.md section 3.4; seed 000 section 3.4.
func retrieve[T any](ctx context.Context, session *session, promise Promise, observer Observer) (T, error) {
	var result T
	streak, failures := -1, 0
	for iteration := 0; ; iteration++ {
		status, body, err := session.poll(ctx, promise, iteration)
		if ctx.Err() != nil {
			return result, ctx.Err()
		}
		if failures++; status != streak {
			streak, failures = status, 0
		}
		step := DecidePoll(status, body, failures, session.dialect)
		if step.Observed && observer != nil {
			observer(step.QueueState)
		}
		switch step.Then {
		case Done:
			return read[T](step.Result, session.dialect)
		case Resubmit:
			return result, &ExpiredError{promise.RequestID}
		case Fail:
			var failed *RequestFailedError
			if errors.As(step.Err, &failed) {
				failed.RequestID = promise.RequestID
				return result, failed
			}
			if err == nil {
				err = step.Err
			}
			return result, err
		}
		if step.Delay > 0 {
			if err := session.clock.Sleep(ctx, step.Delay); err != nil {
				return result, err
			}
		}
	}
}

// poll asks once; status 0: no answer came.
func (s *session) poll(ctx context.Context, promise Promise, iteration int) (int, []byte, error) {
	body, err := wire.Marshal(tinker.FutureRetrieveRequest{RequestID: promise.RequestID}, s.dialect.Dialect)
	if err != nil {
		return noAnswer, nil, err
	}
	headers := map[string]*string{
		"x-tinker-request-iteration": new(strconv.Itoa(iteration)),
		"x-tinker-request-type":      &promise.Kind,
		"x-stainless-raw-response":   new("raw"),
	}
	if iteration == 0 && promise.Roundtrip > 0 {
		headers["x-tinker-create-promise-roundtrip-time"] = new(fmt.Sprintf("%.6f", promise.Roundtrip))
	}
	answer, err := s.http.send(ctx, Call{
		Method: http.MethodPost, Path: "/api/v1/retrieve_future", Body: body, Headers: headers,
		Timeout: pollTimeout, MaxRetries: new(0),
	})
	if err == nil {
		return answer.Status, answer.Body, nil
	}
	var said *StatusError
	if errors.As(err, &said) {
		return said.Status, []byte(said.Body), err
	}
	return noAnswer, nil, err
}

// read makes a message of JSON that was parsed already.
func read[T any](tree any, dialect *Dialect) (T, error) {
	var message T
	text, err := wire.Marshal(tree, wire.Dialect{})
	if err != nil {
		return message, &ValidationError{fmt.Errorf("%s: %w", reflect.TypeFor[T](), err)}
	}
	if err := wire.Unmarshal(text, dialect.Dialect, &message); err != nil {
		return message, &ValidationError{fmt.Errorf("%s: %w", reflect.TypeFor[T](), err)}
	}
	return message, nil
}
