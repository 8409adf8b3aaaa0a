package client

import (
	"context"
	"fmt"
	"sync"

	"samewire/parity/testees/go/tinker"
	"samewire/parity/testees/go/wire"
)

// TrainingClient trains one model. Each call takes its numbers at once and is sent behind those before it; one that fails does
// not stop the next. Source: tinker.md section 3.3; seeds 000 section 3.3, 001 section 3.3.2, 002 phases 2 to 4.
type TrainingClient struct {
	ModelID string
	// Observer is told why the service does not work on a call yet; set it before the first call.
	Observer Observer

	session *session
	mutex   sync.Mutex
	next    int64
	last    <-chan struct{} // closed when the call before has sent all it has
	closed  bool
}

func newTrainingClient(session *session, modelID string) *TrainingClient {
	free := make(chan struct{})
	close(free)
	return &TrainingClient{ModelID: modelID, session: session, next: 1, last: free}
}

// turn is a call's place in line.
type turn struct {
	first  int64
	before <-chan struct{}
	over   chan struct{}
}

// enter takes the next numbers, and a place in line.
func (c *TrainingClient) enter(count int) (turn, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.closed {
		return turn{}, fmt.Errorf("%s: %w", c.ModelID, ErrClosed)
	}
	mine := turn{c.next, c.last, make(chan struct{})}
	c.next += int64(count)
	c.last = mine.over
	return mine, nil
}

// Close makes every later call fail with ErrClosed.
func (c *TrainingClient) Close() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.closed = true
}

// Info says what the model is.
func (c *TrainingClient) Info(ctx context.Context) (tinker.GetInfoResponse, error) {
	return persist(ctx, c.session, func() (tinker.GetInfoResponse, error) {
		return ask[tinker.GetInfoResponse](ctx, c.session, "get_info", tinker.GetInfoRequest{ModelID: c.ModelID})
	})
}

// Forward gives outputs and metrics of a batch of any size. Config may be nil.
func (c *TrainingClient) Forward(ctx context.Context, data []tinker.Datum, loss tinker.LossFnType, config map[string]float64) *Future[tinker.ForwardBackwardOutput] {
	return c.pass(ctx, data, loss, config, "forward", func(input tinker.ForwardBackwardInput, seqID int64) any {
		return tinker.ForwardRequest{ForwardInput: input, ModelID: c.ModelID, SeqID: wire.Some(seqID)}
	})
}

// ForwardBackward is Forward that adds to the gradients.
func (c *TrainingClient) ForwardBackward(ctx context.Context, data []tinker.Datum, loss tinker.LossFnType, config map[string]float64) *Future[tinker.ForwardBackwardOutput] {
	return c.pass(ctx, data, loss, config, "forward_backward", func(input tinker.ForwardBackwardInput, seqID int64) any {
		return tinker.ForwardBackwardRequest{ForwardBackwardInput: input, ModelID: c.ModelID, SeqID: wire.Some(seqID)}
	})
}

// OptimStep changes the weights by the gradients, which begin anew.
func (c *TrainingClient) OptimStep(ctx context.Context, adam tinker.AdamParams) *Future[tinker.OptimStepResponse] {
	return one[tinker.OptimStepResponse](ctx, c, "optim_step", func(seqID int64) any {
		return tinker.OptimStepRequest{AdamParams: wire.Some(adam), ModelID: c.ModelID, SeqID: wire.Some(seqID)}
	})
}

// SaveState keeps weights and optimizer under the path that the result tells.
func (c *TrainingClient) SaveState(ctx context.Context, name string) *Future[tinker.SaveWeightsResponse] {
	return one[tinker.SaveWeightsResponse](ctx, c, "save_weights", func(seqID int64) any {
		return tinker.SaveWeightsRequest{ModelID: c.ModelID, Path: wire.Some(name), SeqID: wire.Some(seqID)}
	})
}

// LoadState loads weights; the optimizer begins anew.
func (c *TrainingClient) LoadState(ctx context.Context, path string) *Future[tinker.LoadWeightsResponse] {
	return c.load(ctx, path, false)
}

// LoadStateWithOptimizer fails with ErrNoOptimizer in 0.4.1, which cannot say so.
func (c *TrainingClient) LoadStateWithOptimizer(ctx context.Context, path string) *Future[tinker.LoadWeightsResponse] {
	if !c.session.dialect.Envelope {
		return begin(c.session.clock, func() (tinker.LoadWeightsResponse, error) {
			return tinker.LoadWeightsResponse{}, ErrNoOptimizer
		})
	}
	return c.load(ctx, path, true)
}

func (c *TrainingClient) load(ctx context.Context, path string, optimizer bool) *Future[tinker.LoadWeightsResponse] {
	return one[tinker.LoadWeightsResponse](ctx, c, "load_weights", func(seqID int64) any {
		return tinker.LoadWeightsRequest{
			ModelID: wire.Some(c.ModelID), Path: path, SeqID: wire.Some(seqID), Optimizer: wire.Some(optimizer),
		}
	})
}

// SaveWeightsForSampler gives the path that CreateSamplingClient takes.
func (c *TrainingClient) SaveWeightsForSampler(ctx context.Context, name string) *Future[tinker.SaveWeightsForSamplerResponse] {
	return one[tinker.SaveWeightsForSamplerResponse](ctx, c, "save_weights_for_sampler", func(seqID int64) any {
		return tinker.SaveWeightsForSamplerRequest{ModelID: c.ModelID, Path: wire.Some(name), SeqID: wire.Some(seqID)}
	})
}

// SamplingClient samples from the weights as they are now; they are kept for that client only.
func (c *TrainingClient) SamplingClient(ctx context.Context) *Future[*SamplingClient] {
	number := c.session.samplers.Add(1) - 1
	saved := one[tinker.SaveWeightsForSamplerResponse](ctx, c, "save_weights_for_sampler", func(seqID int64) any {
		return tinker.SaveWeightsForSamplerRequest{
			ModelID: c.ModelID, SamplingSessionSeqID: wire.Some(number), SeqID: wire.Some(seqID),
		}
	})
	return begin(c.session.clock, func() (*SamplingClient, error) {
		response, err := saved.Result(ctx)
		if err != nil {
			return nil, err
		}
		id, ok := response.SamplingSessionID.Get()
		if !ok {
			return nil, &ValidationError{fmt.Errorf("weights were saved for a sampler, and no sampling session was named")}
		}
		return newSamplingClient(c.session, id), nil
	})
}

// one is a call of one request.
func one[T any](ctx context.Context, c *TrainingClient, name string, request func(seqID int64) any) *Future[T] {
	place, err := c.enter(1)
	return begin(c.session.clock, func() (T, error) {
		var none T
		if err != nil {
			return none, err
		}
		promises, err := c.submit(ctx, place, name, []any{request(place.first)})
		if err != nil {
			return none, err
		}
		return retrieve[T](ctx, c.session, promises[0], c.Observer)
	})
}

// pass is a call of as many requests as its data need; their results become one.
func (c *TrainingClient) pass(
	ctx context.Context, data []tinker.Datum, loss tinker.LossFnType, config map[string]float64, name string,
	request func(tinker.ForwardBackwardInput, int64) any,
) *Future[tinker.ForwardBackwardOutput] {
	batches := split(data, c.session.dialect.Limits())
	place, err := c.enter(len(batches))
	return begin(c.session.clock, func() (tinker.ForwardBackwardOutput, error) {
		if err != nil {
			return tinker.ForwardBackwardOutput{}, err
		}
		requests := make([]any, len(batches))
		for index, seqID := range SendingOrder(place.first, len(batches)) {
			requests[index] = request(tinker.ForwardBackwardInput{
				Data: batches[index], LossFn: loss, LossFnConfig: lossConfig(config),
			}, seqID)
		}
		promises, err := c.submit(ctx, place, name, requests)
		if err != nil {
			return tinker.ForwardBackwardOutput{}, err
		}
		outputs, err := c.outputs(ctx, promises)
		if err != nil {
			return tinker.ForwardBackwardOutput{}, err
		}
		return CombineOutputs(outputs, c.session.dialect)
	})
}

// submit waits for the call's turn, then sends its requests one behind the promise of the other.
func (c *TrainingClient) submit(ctx context.Context, place turn, name string, requests []any) ([]Promise, error) {
	defer close(place.over)
	<-place.before
	promises := make([]Promise, len(requests))
	for index, request := range requests {
		var err error
		promises[index], err = persist(ctx, c.session, func() (Promise, error) {
			return c.session.promise(ctx, Call{Path: "/api/v1/" + name}, request)
		})
		if err != nil {
			return nil, err
		}
	}
	return promises, nil
}

// outputs asks for all results at once; the first error counts, in the order of the requests.
func (c *TrainingClient) outputs(ctx context.Context, promises []Promise) ([]tinker.ForwardBackwardOutput, error) {
	futures := make([]*Future[tinker.ForwardBackwardOutput], len(promises))
	for index, promise := range promises {
		futures[index] = begin(c.session.clock, func() (tinker.ForwardBackwardOutput, error) {
			return retrieve[tinker.ForwardBackwardOutput](ctx, c.session, promise, c.Observer)
		})
	}
	outputs := make([]tinker.ForwardBackwardOutput, len(promises))
	for index, future := range futures {
		var err error
		if outputs[index], err = future.Result(ctx); err != nil {
			return nil, err
		}
	}
	return outputs, nil
}

func lossConfig(config map[string]float64) wire.Opt[map[string]tinker.LossConfigValue] {
	if config == nil {
		return wire.Null[map[string]tinker.LossConfigValue]()
	}
	made := map[string]tinker.LossConfigValue{}
	for name, value := range config {
		made[name] = tinker.Float(value)
	}
	return wire.Some(made)
}
