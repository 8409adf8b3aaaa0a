package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"samewire/parity/testees/go/client"
	"samewire/parity/testees/go/wire"
)

type scenarioInput struct {
	BaseURL string `json:"base_url"`
	Config  told
	Random  float64
	Steps   []step
}

type step struct {
	Do    string
	With  json.RawMessage
	Steps []step
}

// told is the config of a client in docs/cases.md.
type told struct {
	APIKey       *string `json:"api_key"`
	MaxRetries   *int    `json:"max_retries"`
	TimeoutS     float64 `json:"timeout_s"`
	Headers      map[string]*string
	Tags         []string
	UserMetadata map[string]any `json:"user_metadata"`
	Telemetry    *bool
	BasePath     string `json:"base_path"`
	Env          map[string]string
	RealTime     bool `json:"real_time"`
}

// stage holds the clients of one scenario; they share nothing with those of others.
type stage struct {
	input   scenarioInput
	dialect *client.Dialect
	clock   *notedClock
	limits  client.RateLimits
	mutex   sync.Mutex
	actors  map[string]*actor
}

// actor is one client of a scenario, and the clients that it made, by name.
type actor struct {
	service  *client.ServiceClient
	dialect  *client.Dialect
	mutex    sync.Mutex
	trainers map[string]*client.TrainingClient
	samplers map[string]*client.SamplingClient
}

// scenario gives the outcomes of all steps, and what the client would have slept.
func scenario(ctx context.Context, raw json.RawMessage, dialect *client.Dialect) (any, error) {
	stage := &stage{dialect: dialect, clock: newNotedClock(), actors: map[string]*actor{}}
	if err := json.Unmarshal(raw, &stage.input); err != nil {
		return nil, err
	}
	stage.clock.sleeps = stage.input.Config.RealTime
	ctx, cancel := context.WithCancel(ctx)
	defer stage.close()
	defer cancel()
	outcomes := []any{}
	for _, step := range stage.input.Steps {
		outcome, err := stage.begin(ctx, step)()
		if err != nil {
			return nil, err
		}
		outcomes = append(outcomes, outcome)
	}
	return map[string]any{"steps": outcomes, "slept_s": stage.clock.noted()}, nil
}

func (s *stage) close() {
	for _, actor := range s.actors {
		actor.service.Close()
	}
}

// waiter waits for the outcome of a step; an error is the testee's own.
type waiter func() (any, error)

// begin starts a step.
func (s *stage) begin(ctx context.Context, step step) waiter {
	if step.Do == "together" {
		waiters := make([]waiter, len(step.Steps))
		for index, each := range step.Steps {
			waiters[index] = s.begin(ctx, each)
		}
		return func() (any, error) { return together(waiters) }
	}
	if step.Do == "in_turn" {
		return s.inTurn(ctx, step.Steps)
	}
	result := s.do(ctx, step)
	return func() (any, error) {
		value, err := result()
		if err == nil {
			return map[string]any{"ok": value}, nil
		}
		outcome := outcomeOf(err)
		if outcome == nil {
			return nil, fmt.Errorf("%s: %w", step.Do, err)
		}
		return map[string]any{"error": outcome}, nil
	}
}

func together(waiters []waiter) (any, error) {
	outcomes := make([]any, len(waiters))
	for index, wait := range waiters {
		var err error
		if outcomes[index], err = wait(); err != nil {
			return nil, err
		}
	}
	return outcomes, nil
}

// inTurn does steps one after the other, beside what else is going on.
func (s *stage) inTurn(ctx context.Context, steps []step) waiter {
	done := make(chan struct{})
	waiters := make([]waiter, len(steps))
	go func() {
		defer close(done)
		for index, each := range steps {
			outcome, err := s.begin(ctx, each)()
			waiters[index] = func() (any, error) { return outcome, err }
		}
	}()
	return func() (any, error) {
		<-done
		return together(waiters)
	}
}

func (s *stage) do(ctx context.Context, step step) waiter {
	if step.With == nil {
		step.With = json.RawMessage("{}")
	}
	var by struct {
		Client string
		As     string
		Config told
	}
	if err := json.Unmarshal(step.With, &by); err != nil {
		return failing(err)
	}
	if step.Do == "client" {
		_, err := s.actor(by.As, by.Config)
		return func() (any, error) { return struct{}{}, err }
	}
	start := steps[step.Do]
	if start == nil {
		return failing(unsupported("there is no step " + step.Do))
	}
	actor, err := s.actor(by.Client, s.input.Config)
	if err != nil {
		return failing(err)
	}
	return start(ctx, actor, step.With)
}

func failing(err error) waiter { return func() (any, error) { return nil, err } }

// actor gives the client of a name; the first to ask makes it.
func (s *stage) actor(name string, told told) (*actor, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if known := s.actors[name]; known != nil {
		return known, nil
	}
	config := client.Config{
		Dialect: s.dialect, BaseURL: s.input.BaseURL + told.BasePath, APIKey: "tml-key", MaxRetries: told.MaxRetries,
		Timeout: time.Duration(told.TimeoutS * float64(time.Second)), Headers: told.Headers, Tags: told.Tags,
		UserMetadata: told.UserMetadata, Telemetry: told.Telemetry,
	}
	env := map[string]string{}
	for name, value := range told.Env {
		env[name] = strings.ReplaceAll(value, "{base_url}", config.BaseURL)
	}
	if _, set := env["TINKER_BASE_URL"]; set {
		config.BaseURL = ""
	}
	if told.Env != nil {
		config.APIKey = ""
	}
	if told.APIKey != nil {
		config.APIKey = *told.APIKey
	}
	if config.Telemetry == nil {
		_, set := env["TINKER_TELEMETRY"]
		config.Telemetry = &set
	}
	service, err := client.New(config, client.Options{
		Clock: s.clock, Random: func() float64 { return s.input.Random }, Limits: &s.limits,
		Lookup: func(name string) (string, bool) { value, set := env[name]; return value, set },
	})
	if err != nil {
		return nil, err
	}
	made := &actor{
		service: service, dialect: s.dialect,
		trainers: map[string]*client.TrainingClient{}, samplers: map[string]*client.SamplingClient{},
	}
	s.actors[name] = made
	return made, nil
}

// errNobody: a step names a client that was never made.
var errNobody = errors.New("there is no such client")

// usage are the errors of who asks what cannot be.
var usage = []error{
	errNobody, client.ErrNoAPIKey, client.ErrClosed, client.ErrNoOptimizer, client.ErrModel, client.ErrPath,
	client.ErrMetricKey, client.ErrZeroWeight, client.ErrNested,
}

func isUsage(err error) bool {
	var invalid *wire.Error
	for _, known := range usage {
		if errors.Is(err, known) {
			return true
		}
	}
	return errors.As(err, &invalid)
}
