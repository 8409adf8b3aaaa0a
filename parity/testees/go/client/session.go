package client

import (
	"context"
	"errors"
	"log"
	"net/http"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"samewire/parity/testees/go/tinker"
	"samewire/parity/testees/go/wire"
)

const heartbeatEvery = 10 * time.Second

// session is what all clients of one ServiceClient share. It begins with the first of them that needs it. Source: tinker.md
// sections 2.3, 3.2 and 3.10.
type session struct {
	config   Config
	dialect  *Dialect
	clock    Clock
	random   func() float64
	http     *transport
	limit    *rateLimit
	models   atomic.Int64 // the next model's number
	samplers atomic.Int64 // the next sampling session's

	mutex    sync.Mutex
	id       string
	reporter *Reporter
	life     context.Context // of what goes on by itself
	end      context.CancelFunc
	running  sync.WaitGroup
}

// begin gives the session's id; only the first call asks for one.
func (s *session) begin(ctx context.Context) (string, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.id != "" {
		return s.id, nil
	}
	metadata := s.config.UserMetadata
	if metadata == nil {
		metadata = map[string]any{}
	}
	created, err := ask[tinker.CreateSessionResponse](ctx, s, "create_session", tinker.CreateSessionRequest{
		Tags: s.config.Tags, UserMetadata: wire.Some(metadata), SDKVersion: s.dialect.SDKVersion,
	})
	if err != nil {
		return "", err
	}
	for _, said := range []wire.Opt[string]{created.InfoMessage, created.WarningMessage, created.ErrorMessage} {
		if text, ok := said.Get(); ok {
			log.Print("tinker: ", text)
		}
	}
	s.id = created.SessionID
	s.running.Go(s.beat)
	if *s.config.Telemetry {
		s.reporter = newReporter(s)
		s.running.Go(s.reporter.run)
	}
	return s.id, nil
}

func (s *session) close() {
	s.end()
	s.running.Wait()
	s.http.close()
}

// beat tells the service that somebody is there. A beat that fails is of no concern: there will be another.
func (s *session) beat() {
	ticker := time.NewTicker(heartbeatEvery)
	defer ticker.Stop()
	for {
		select {
		case <-s.life.Done():
			return
		case <-ticker.C:
			ctx, cancel := context.WithTimeout(s.life, heartbeatEvery)
			body, _ := wire.Marshal(tinker.SessionHeartbeatRequest{SessionID: s.id}, s.dialect.Dialect)
			_, _ = s.http.send(ctx, Call{
				Method: http.MethodPost, Path: "/api/v1/session_heartbeat", Body: body, Timeout: heartbeatEvery, MaxRetries: new(0),
			})
			cancel()
		}
	}
}

// persist tries a whole submit again, on top of the retries of its calls; each failure is told to telemetry.
func persist[T any](ctx context.Context, s *session, act func() (T, error)) (T, error) {
	began := s.clock.Passed()
	for attempt := 0; ; attempt++ {
		result, err := act()
		var said *StatusError
		var lost *ConnectionError
		status := noAnswer
		switch {
		case errors.As(err, &said):
			status = said.Status
		case !errors.As(err, &lost):
			return result, err
		}
		delay, again := SubmitDelay(status, attempt, s.clock.Passed()-began, s.dialect)
		s.tell(err, attempt, again)
		if !again {
			return result, err
		}
		if err := s.clock.Sleep(ctx, delay); err != nil {
			return result, err
		}
	}
}

func (s *session) tell(err error, attempt int, again bool) {
	s.mutex.Lock()
	reporter := s.reporter
	s.mutex.Unlock()
	if reporter == nil {
		return
	}
	severity := tinker.Severity("ERROR")
	if again || UserError(err) != nil {
		severity = "WARNING"
	}
	reporter.Event("InternalClientHolder.execute_with_retries.exception", map[string]any{
		"exception": err.Error(), "exception_type": errorType(err), "is_retryable": again,
		"is_user_error": UserError(err) != nil, "attempt_count": int64(attempt),
	}, severity)
}

// ask posts a message to /api/v1/NAME and reads the answer.
func ask[T any](ctx context.Context, s *session, name string, request any) (T, error) {
	return askWith[T](ctx, s, Call{Path: "/api/v1/" + name}, request)
}

func askWith[T any](ctx context.Context, s *session, call Call, request any) (T, error) {
	var response T
	body, err := wire.Marshal(request, s.dialect.Dialect)
	if err != nil {
		return response, err
	}
	call.Method, call.Body = http.MethodPost, body
	answer, err := s.http.send(ctx, call)
	if err != nil {
		return response, err
	}
	if err := wire.Unmarshal(answer.Body, s.dialect.Dialect, &response); err != nil {
		return response, &ValidationError{err}
	}
	return response, nil
}

// get reads what stands at a path.
func get[T any](ctx context.Context, s *session, path, query string) (T, error) {
	var response T
	answer, err := s.http.send(ctx, Call{Method: http.MethodGet, Path: path, Query: query})
	if err != nil {
		return response, err
	}
	if err := wire.Unmarshal(answer.Body, s.dialect.Dialect, &response); err != nil {
		return response, &ValidationError{err}
	}
	return response, nil
}

// kinds are the headers by which the service calls the requests of results.
var kinds = map[reflect.Type]string{
	reflect.TypeFor[tinker.CreateModelRequest]():           "CreateModel",
	reflect.TypeFor[tinker.ForwardRequest]():               "Forward",
	reflect.TypeFor[tinker.ForwardBackwardRequest]():       "ForwardBackward",
	reflect.TypeFor[tinker.OptimStepRequest]():             "OptimStep",
	reflect.TypeFor[tinker.SaveWeightsRequest]():           "SaveWeights",
	reflect.TypeFor[tinker.LoadWeightsRequest]():           "LoadWeights",
	reflect.TypeFor[tinker.SaveWeightsForSamplerRequest](): "SaveWeightsForSampler",
	reflect.TypeFor[tinker.SampleRequest]():                "Sample",
}

// promise sends a long call once, and gives what it promises.
func (s *session) promise(ctx context.Context, call Call, request any) (Promise, error) {
	began := time.Now()
	given, err := askWith[tinker.UntypedAPIFuture](ctx, s, call, request)
	return Promise{given.RequestID, kinds[reflect.TypeOf(request)], time.Since(began).Seconds()}, err
}
