package client

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"samewire/parity/testees/go/tinker"
	"samewire/parity/testees/go/wire"
)

const (
	// concurrent samples are submitted at a time.
	concurrent = 400
	// progressLimit in seconds, in which some sample has to get on.
	progressLimit = 1800.0
)

// SamplingClient samples from one model, many at a time. Source: tinker.md section 3.5; seeds 000 section 3.3, 001 section 3.3.3.
type SamplingClient struct {
	// Observer is told why the service does not work on a sample yet; set it before the first call.
	Observer Observer

	session   *session
	sessionID string
	numbers   atomic.Int64
	slots     chan struct{}
	progress  atomic.Value // when a sample last got on, in seconds of the clock
}

func newSamplingClient(session *session, id string) *SamplingClient {
	made := &SamplingClient{session: session, sessionID: id, slots: make(chan struct{}, concurrent)}
	made.progress.Store(session.clock.Passed())
	return made
}

// SampleOptions are what a sample need not be told. NumSamples 0 is 1.
type SampleOptions struct {
	NumSamples         int32
	PromptLogprobs     bool
	TopkPromptLogprobs int32
}

// Text is a prompt of tokens only.
func Text(tokens []int64) tinker.ModelInput {
	return tinker.ModelInput{Chunks: []tinker.Chunk{tinker.EncodedTextChunk{Tokens: tokens}}}
}

// Sample is tried again as long as any sample gets on.
func (c *SamplingClient) Sample(ctx context.Context, prompt tinker.ModelInput, params tinker.SamplingParams, options SampleOptions) *Future[tinker.SampleResponse] {
	request := tinker.SampleRequest{
		NumSamples: wire.Some(max(1, options.NumSamples)), Prompt: prompt, SamplingParams: params,
		SamplingSessionID: wire.Some(c.sessionID), PromptLogprobs: wire.Some(options.PromptLogprobs),
		TopkPromptLogprobs: wire.Some(options.TopkPromptLogprobs),
	}
	return begin(c.session.clock, func() (tinker.SampleResponse, error) { return c.persist(ctx, request) })
}

// ComputeLogprobs gives those of each token of the prompt, given those before it; none for the first.
func (c *SamplingClient) ComputeLogprobs(ctx context.Context, prompt tinker.ModelInput) *Future[[]wire.Opt[float64]] {
	params := tinker.SamplingParams{MaxTokens: wire.Some(int32(1))}
	sampled := c.Sample(ctx, prompt, params, SampleOptions{PromptLogprobs: true})
	return begin(c.session.clock, func() ([]wire.Opt[float64], error) {
		response, err := sampled.Result(ctx)
		if err != nil {
			return nil, err
		}
		logprobs, ok := response.PromptLogprobs.Get()
		if !ok {
			return nil, &ValidationError{errors.New("log probabilities of the prompt were asked for, and none came")}
		}
		return logprobs, nil
	})
}

func (c *SamplingClient) persist(ctx context.Context, request tinker.SampleRequest) (tinker.SampleResponse, error) {
	clock := c.session.clock
	c.progress.Store(clock.Passed())
	for attempt := 0; ; attempt++ {
		response, err := c.once(ctx, request)
		if err == nil {
			c.progress.Store(clock.Passed())
			return response, nil
		}
		if ctx.Err() != nil || !c.again(err) {
			return response, err
		}
		if last, _ := c.progress.Load().(float64); clock.Passed()-last > progressLimit {
			return response, &ConnectionError{Err: fmt.Errorf("no sample got on for %v s: %w", progressLimit, err)}
		}
		if err := clock.Sleep(ctx, SampleRetryDelay(attempt, c.session.random())); err != nil {
			return response, err
		}
	}
}

func (c *SamplingClient) again(err error) bool {
	var said *StatusError
	var lost *ConnectionError
	var expired *ExpiredError
	var failed *RequestFailedError
	switch {
	case errors.As(err, &said):
		return c.session.dialect.retriesStatus(said.Status)
	case errors.As(err, &failed):
		return RetriesFailure(failed.Category, noAnswer, c.session.dialect)
	default:
		return errors.As(err, &lost) || errors.As(err, &expired)
	}
}

func (c *SamplingClient) once(ctx context.Context, request tinker.SampleRequest) (tinker.SampleResponse, error) {
	promise, err := c.submit(ctx, request)
	if err != nil {
		return tinker.SampleResponse{}, err
	}
	return retrieve[tinker.SampleResponse](ctx, c.session, promise, c.Observer)
}

// limited is a 429: no failure, but all samples of the tenant wait, then this one is sent again.
type limited float64

func (l limited) Error() string { return fmt.Sprintf("limited for %v s", float64(l)) }

// submit takes a new number for every try.
func (c *SamplingClient) submit(ctx context.Context, request tinker.SampleRequest) (Promise, error) {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return Promise{}, ctx.Err()
	}
	for {
		if err := c.session.limit.wait(ctx); err != nil {
			return Promise{}, err
		}
		request.SeqID = wire.Some(c.numbers.Add(1) - 1)
		promise, err := persist(ctx, c.session, func() (Promise, error) { return c.send(ctx, request) })
		var pause limited
		if !errors.As(err, &pause) {
			return promise, err
		}
		c.session.limit.pause(float64(pause))
	}
}

func (c *SamplingClient) send(ctx context.Context, request tinker.SampleRequest) (Promise, error) {
	promise, err := c.session.promise(ctx, Call{
		Path: "/api/v1/asample", Headers: map[string]*string{"x-tinker-sampling-backpressure": new("1")}, MaxRetries: new(0),
	}, request)
	var said *StatusError
	if errors.As(err, &said) {
		if pause := SamplingPause(said.Status, said.Header, c.session.clock.Now(), c.session.dialect); pause > 0 {
			return promise, limited(pause)
		}
	}
	return promise, err
}
