package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"samewire/parity/testees/go/client"
	"samewire/parity/testees/go/tinker"
	"samewire/parity/testees/go/wire"
)

// named says which client a step is for, and what the one that it makes is called.
type named struct{ On, As string }

func (a *actor) trainer(name string) (*client.TrainingClient, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if made := a.trainers[or(name, "training")]; made != nil {
		return made, nil
	}
	return nil, fmt.Errorf("%q: %w", name, errNobody)
}

func (a *actor) sampler(name string) (*client.SamplingClient, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if made := a.samplers[or(name, "sampling")]; made != nil {
		return made, nil
	}
	return nil, fmt.Errorf("%q: %w", name, errNobody)
}

func (a *actor) train(name string, made *client.TrainingClient) any {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.trainers[or(name, "training")] = made
	return map[string]string{"model_id": made.ModelID}
}

func (a *actor) sample(name string, made *client.SamplingClient) any {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.samplers[or(name, "sampling")] = made
	return nothing{}
}

func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

func stepCreate(ctx context.Context, actor *actor, input struct {
	named
	BaseModel string `json:"base_model"`
	Rank      int32
	Seed      *int64
}) (any, error) {
	made, err := actor.service.CreateTrainingClient(ctx, input.BaseModel, client.Lora{Rank: input.Rank, Seed: input.Seed})
	if err != nil {
		return nil, err
	}
	return actor.train(input.As, made), nil
}

func stepFromState(ctx context.Context, actor *actor, input struct {
	named
	Path      string
	Optimizer bool
}) (any, error) {
	made, err := actor.service.CreateTrainingClientFromState(ctx, input.Path, input.Optimizer)
	if err != nil {
		return nil, err
	}
	return actor.train(input.As, made), nil
}

func stepInfo(ctx context.Context, actor *actor, input named) (any, error) {
	trainer, err := actor.trainer(input.On)
	if err != nil {
		return nil, err
	}
	info, err := trainer.Info(ctx)
	if err != nil {
		return nil, err
	}
	return actor.show(info)
}

type passInput struct {
	named
	Data         json.RawMessage
	LossFn       tinker.LossFnType  `json:"loss_fn"`
	LossFnConfig map[string]float64 `json:"loss_fn_config"`
}

// data are a list, or one datum and how often.
func (i passInput) data(dialect *client.Dialect) ([]tinker.Datum, error) {
	var many struct {
		Count int
		Datum json.RawMessage
	}
	if json.Unmarshal(i.Data, &many) != nil {
		return read[[]tinker.Datum](i.Data, dialect)
	}
	datum, err := read[tinker.Datum](many.Datum, dialect)
	data := make([]tinker.Datum, many.Count)
	for index := range data {
		data[index] = datum
	}
	return data, err
}

func stepForward(ctx context.Context, actor *actor, input passInput) waiter {
	return pass(ctx, actor, input, (*client.TrainingClient).Forward)
}

func stepForwardBackward(ctx context.Context, actor *actor, input passInput) waiter {
	return pass(ctx, actor, input, (*client.TrainingClient).ForwardBackward)
}

func pass(ctx context.Context, actor *actor, input passInput, method func(
	*client.TrainingClient, context.Context, []tinker.Datum, tinker.LossFnType, map[string]float64,
) *client.Future[tinker.ForwardBackwardOutput]) waiter {
	trainer, err := actor.trainer(input.On)
	if err != nil {
		return failing(err)
	}
	data, err := input.data(actor.dialect)
	if err != nil {
		return failing(err)
	}
	future := method(trainer, ctx, data, input.LossFn, input.LossFnConfig)
	return soon(ctx, future, func(output tinker.ForwardBackwardOutput) (any, error) { return actor.show(output) })
}

func stepOptim(ctx context.Context, actor *actor, input struct {
	named
	Adam json.RawMessage
}) waiter {
	trainer, err := actor.trainer(input.On)
	if err != nil {
		return failing(err)
	}
	var adam tinker.AdamParams
	if input.Adam != nil {
		if adam, err = read[tinker.AdamParams](input.Adam, actor.dialect); err != nil {
			return failing(err)
		}
	}
	return soon(ctx, trainer.OptimStep(ctx, adam), func(response tinker.OptimStepResponse) (any, error) {
		return actor.show(response)
	})
}

type nameInput struct {
	named
	Name string
}

func stepSave(ctx context.Context, actor *actor, input nameInput) waiter {
	trainer, err := actor.trainer(input.On)
	if err != nil {
		return failing(err)
	}
	return soon(ctx, trainer.SaveState(ctx, input.Name), func(saved tinker.SaveWeightsResponse) (any, error) {
		return map[string]string{"path": saved.Path}, nil
	})
}

func stepSaveForSampler(ctx context.Context, actor *actor, input nameInput) waiter {
	trainer, err := actor.trainer(input.On)
	if err != nil {
		return failing(err)
	}
	saved := trainer.SaveWeightsForSampler(ctx, input.Name)
	return soon(ctx, saved, func(saved tinker.SaveWeightsForSamplerResponse) (any, error) {
		path, _ := saved.Path.Get()
		return map[string]string{"path": path}, nil
	})
}

type pathInput struct {
	named
	Path string
}

func stepLoad(ctx context.Context, actor *actor, input pathInput) waiter {
	return load(ctx, actor, input, (*client.TrainingClient).LoadState)
}

func stepLoadWithOptimizer(ctx context.Context, actor *actor, input pathInput) waiter {
	return load(ctx, actor, input, (*client.TrainingClient).LoadStateWithOptimizer)
}

func load(ctx context.Context, actor *actor, input pathInput, method func(
	*client.TrainingClient, context.Context, string,
) *client.Future[tinker.LoadWeightsResponse]) waiter {
	trainer, err := actor.trainer(input.On)
	if err != nil {
		return failing(err)
	}
	loaded := method(trainer, ctx, input.Path)
	return soon(ctx, loaded, func(tinker.LoadWeightsResponse) (any, error) { return nothing{}, nil })
}

func stepSampling(ctx context.Context, actor *actor, input struct {
	named
	BaseModel string `json:"base_model"`
	ModelPath string `json:"model_path"`
}) (any, error) {
	made, err := actor.service.CreateSamplingClient(ctx, input.BaseModel, input.ModelPath)
	if err != nil {
		return nil, err
	}
	return actor.sample(input.As, made), nil
}

func stepSamplingFromTraining(ctx context.Context, actor *actor, input named) waiter {
	trainer, err := actor.trainer(input.On)
	if err != nil {
		return failing(err)
	}
	return soon(ctx, trainer.SamplingClient(ctx), func(made *client.SamplingClient) (any, error) {
		return actor.sample(input.As, made), nil
	})
}

// tokens are a list, or one token and how often.
type tokens []int64

func (t *tokens) UnmarshalJSON(raw []byte) error {
	var many struct {
		Count int
		Token int64
	}
	if json.Unmarshal(raw, &many) != nil {
		return json.Unmarshal(raw, (*[]int64)(t))
	}
	*t = slices.Repeat([]int64{many.Token}, many.Count)
	return nil
}

func stepSample(ctx context.Context, actor *actor, input struct {
	named
	Tokens             tokens
	NumSamples         int32 `json:"num_samples"`
	Params             json.RawMessage
	PromptLogprobs     bool  `json:"prompt_logprobs"`
	TopkPromptLogprobs int32 `json:"topk_prompt_logprobs"`
}) waiter {
	sampler, err := actor.sampler(input.On)
	if err != nil {
		return failing(err)
	}
	var params tinker.SamplingParams
	if input.Params != nil {
		if params, err = read[tinker.SamplingParams](input.Params, actor.dialect); err != nil {
			return failing(err)
		}
	}
	sampled := sampler.Sample(ctx, client.Text(input.Tokens), params, client.SampleOptions{
		NumSamples: input.NumSamples, PromptLogprobs: input.PromptLogprobs, TopkPromptLogprobs: input.TopkPromptLogprobs,
	})
	return soon(ctx, sampled, func(response tinker.SampleResponse) (any, error) { return actor.show(response) })
}

func stepLogprobs(ctx context.Context, actor *actor, input struct {
	named
	Tokens tokens
}) waiter {
	sampler, err := actor.sampler(input.On)
	if err != nil {
		return failing(err)
	}
	logprobs := sampler.ComputeLogprobs(ctx, client.Text(input.Tokens))
	return soon(ctx, logprobs, func(logprobs []wire.Opt[float64]) (any, error) { return actor.show(logprobs) })
}
