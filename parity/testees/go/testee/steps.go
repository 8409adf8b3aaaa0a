package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"samewire/parity/testees/go/client"
	"samewire/parity/testees/go/command"
	"samewire/parity/testees/go/tinker"
	"samewire/parity/testees/go/wire"
)

// start begins one step, and gives who waits for it.
type start func(ctx context.Context, actor *actor, with json.RawMessage) waiter

// now makes a step of a call that returns when it is done. Goroutines have no order: the next step begins a moment later.
func now[I any](do func(ctx context.Context, actor *actor, input I) (any, error)) start {
	return with(func(ctx context.Context, actor *actor, input I) waiter {
		done := make(chan struct{})
		var value any
		var err error
		go func() {
			defer close(done)
			value, err = do(ctx, actor, input)
		}()
		select {
		case <-done:
		case <-time.After(2 * time.Millisecond):
		}
		return func() (any, error) { <-done; return value, err }
	})
}

func with[I any](begin func(ctx context.Context, actor *actor, input I) waiter) start {
	return func(ctx context.Context, actor *actor, raw json.RawMessage) waiter {
		var input I
		if err := json.Unmarshal(raw, &input); err != nil {
			return failing(err)
		}
		return begin(ctx, actor, input)
	}
}

// soon waits for a future, and shows its result.
func soon[T any](ctx context.Context, future *client.Future[T], tell func(T) (any, error)) waiter {
	return func() (any, error) {
		result, err := future.Result(ctx)
		if err != nil {
			return nil, err
		}
		return tell(result)
	}
}

func (a *actor) show(value any) (any, error) { return show(value, a.dialect) }

type nothing struct{}

var steps = map[string]start{
	"http":                               now(stepHTTP),
	"service.capabilities":               now(stepCapabilities),
	"training.create":                    now(stepCreate),
	"training.from_state":                now(stepFromState),
	"training.info":                      now(stepInfo),
	"training.forward":                   with(stepForward),
	"training.forward_backward":          with(stepForwardBackward),
	"training.optim_step":                with(stepOptim),
	"training.save_state":                with(stepSave),
	"training.load_state":                with(stepLoad),
	"training.load_state_with_optimizer": with(stepLoadWithOptimizer),
	"training.save_for_sampler":          with(stepSaveForSampler),
	"sampling.create":                    now(stepSampling),
	"sampling.from_training":             with(stepSamplingFromTraining),
	"sampling.sample":                    with(stepSample),
	"sampling.compute_logprobs":          with(stepLogprobs),
	"rest.training_runs":                 now(stepRuns),
	"rest.training_run":                  now(stepRun),
	"rest.checkpoints":                   now(stepCheckpoints),
	"rest.user_checkpoints":              now(stepUserCheckpoints),
	"rest.archive_url":                   now(stepArchive),
	"rest.publish":                       now(stepPublish),
	"rest.unpublish":                     now(stepUnpublish),
	"rest.delete":                        now(stepDelete),
	"future.result":                      now(stepFuture),
	"telemetry.send":                     now(stepTelemetry),
	"cli":                                now(stepCommand),
}

func stepHTTP(ctx context.Context, actor *actor, input struct {
	Method, Path string
	Body         json.RawMessage
	Headers      map[string]*string
	Query        json.RawMessage
	TimeoutS     float64 `json:"timeout_s"`
	MaxRetries   *int    `json:"max_retries"`
}) (any, error) {
	call := client.Call{
		Method: input.Method, Path: input.Path, Body: input.Body, Headers: input.Headers, MaxRetries: input.MaxRetries,
		Timeout: time.Duration(input.TimeoutS * float64(time.Second)),
	}
	if len(input.Query) > 0 && json.Unmarshal(input.Query, &call.Query) != nil {
		var err error
		params, _ := ordered(json.NewDecoder(bytes.NewReader(input.Query))).(client.Params)
		if call.Query, err = client.FormatQuery(params, "repeat", "brackets"); err != nil {
			return nil, err
		}
	}
	answer, err := actor.service.Do(ctx, call)
	if err != nil {
		return nil, err
	}
	said := json.RawMessage("null")
	if json.Valid(answer.Body) {
		said = answer.Body
	}
	return map[string]any{"status": answer.Status, "json": said}, nil
}

func stepCapabilities(ctx context.Context, actor *actor, _ nothing) (any, error) {
	capabilities, err := actor.service.ServerCapabilities(ctx)
	if err != nil {
		return nil, err
	}
	return actor.show(capabilities)
}

func stepRuns(ctx context.Context, actor *actor, input page) (any, error) {
	runs, err := actor.service.Rest().TrainingRuns(ctx, input.limit(20), input.Offset)
	if err != nil {
		return nil, err
	}
	return actor.show(runs)
}

func stepRun(ctx context.Context, actor *actor, input struct{ Run string }) (any, error) {
	run, err := actor.service.Rest().TrainingRun(ctx, input.Run)
	if err != nil {
		return nil, err
	}
	return actor.show(run)
}

func stepCheckpoints(ctx context.Context, actor *actor, input struct{ Run string }) (any, error) {
	checkpoints, err := actor.service.Rest().Checkpoints(ctx, input.Run)
	if err != nil {
		return nil, err
	}
	return actor.show(checkpoints)
}

func stepUserCheckpoints(ctx context.Context, actor *actor, input page) (any, error) {
	checkpoints, err := actor.service.Rest().UserCheckpoints(ctx, input.limit(100), input.Offset)
	if err != nil {
		return nil, err
	}
	return actor.show(checkpoints)
}

type page struct {
	Limit  *int
	Offset int
}

func (p page) limit(custom int) int {
	if p.Limit == nil {
		return custom
	}
	return *p.Limit
}

func stepArchive(ctx context.Context, actor *actor, input struct{ Path string }) (any, error) {
	archive, err := actor.service.Rest().ArchiveURL(ctx, input.Path)
	return map[string]string{"url": archive.URL}, err
}

func stepPublish(ctx context.Context, actor *actor, input struct{ Path string }) (any, error) {
	return nothing{}, actor.service.Rest().Publish(ctx, input.Path)
}

func stepUnpublish(ctx context.Context, actor *actor, input struct{ Path string }) (any, error) {
	return nothing{}, actor.service.Rest().Unpublish(ctx, input.Path)
}

func stepDelete(ctx context.Context, actor *actor, input struct{ Path string }) (any, error) {
	return nothing{}, actor.service.Rest().Delete(ctx, input.Path)
}

type futureInput struct {
	RequestID string `json:"request_id"`
	Type      string
	TimeoutS  *float64 `json:"timeout_s"`
	Observe   bool
}

func stepFuture(ctx context.Context, actor *actor, input futureInput) (any, error) {
	ask, known := results[input.Type]
	if !known {
		return nil, fmt.Errorf("there is no result of type %q", input.Type)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // nobody else waits for it
	return ask(ctx, actor, input)
}

// results by the type of their request.
var results = map[string]func(context.Context, *actor, futureInput) (any, error){
	"create_model":             result[tinker.CreateModelResponse]("CreateModel"),
	"forward":                  result[tinker.ForwardBackwardOutput]("Forward"),
	"forward_backward":         result[tinker.ForwardBackwardOutput]("ForwardBackward"),
	"optim_step":               result[tinker.OptimStepResponse]("OptimStep"),
	"save_weights":             result[tinker.SaveWeightsResponse]("SaveWeights"),
	"load_weights":             result[tinker.LoadWeightsResponse]("LoadWeights"),
	"save_weights_for_sampler": result[tinker.SaveWeightsForSamplerResponse]("SaveWeightsForSampler"),
	"sample":                   result[tinker.SampleResponse]("Sample"),
}

func result[T any](kind string) func(context.Context, *actor, futureInput) (any, error) {
	return func(ctx context.Context, actor *actor, input futureInput) (any, error) {
		observed := []tinker.QueueState{}
		promise := client.Promise{RequestID: input.RequestID, Kind: kind}
		future := client.Retrieve[T](ctx, actor.service, promise, func(state tinker.QueueState) {
			observed = append(observed, state)
		})
		var value T
		var err error
		if input.TimeoutS != nil {
			value, err = future.Within(ctx, *input.TimeoutS)
		} else {
			value, err = future.Result(ctx)
		}
		if err != nil {
			return nil, err
		}
		shown, err := actor.show(value)
		if input.Observe {
			return map[string]any{"result": shown, "observed": observed}, err
		}
		return shown, err
	}
}

func stepCommand(ctx context.Context, actor *actor, input struct{ Args []string }) (any, error) {
	var out, said bytes.Buffer
	code := command.Run(ctx, input.Args, command.Console{
		In: strings.NewReader(""), Out: &out, Err: &said, Service: actor.service, Dialect: actor.dialect,
	})
	return map[string]any{"exit": code, "stdout": out.String(), "stderr": said.String()}, nil
}

type toldEvent struct {
	Kind, Name string
	Data       json.RawMessage
}

// toldEvents are a list, or one event and how often.
type toldEvents []toldEvent

func (e *toldEvents) UnmarshalJSON(raw []byte) error {
	var many struct {
		Count int
		Event toldEvent
	}
	if json.Unmarshal(raw, &many) != nil {
		return json.Unmarshal(raw, (*[]toldEvent)(e))
	}
	*e = slices.Repeat([]toldEvent{many.Event}, many.Count)
	return nil
}

func stepTelemetry(ctx context.Context, actor *actor, input struct {
	Events toldEvents
}) (any, error) {
	reporter, err := actor.service.Reporter(ctx)
	if err != nil || reporter == nil {
		return nothing{}, err
	}
	for _, event := range input.Events {
		if event.Name == "" {
			event.Name = "planted"
		}
		switch event.Kind {
		case "UNHANDLED_EXCEPTION":
			reporter.Exception(errors.New(event.Name))
		case "GENERIC_EVENT":
			var data map[string]any
			if event.Data != nil {
				if err := wire.Unmarshal(event.Data, wire.Dialect{}, &data); err != nil {
					return nil, err
				}
			}
			reporter.Event(event.Name, data, "INFO")
		}
	}
	reporter.Flush(ctx)
	return nothing{}, nil
}
