package client

import (
	"context"
	"math/rand/v2"
	"os"

	"samewire/parity/testees/go/tinker"
	"samewire/parity/testees/go/wire"
)

// Rank of a LoRA that is told none.
const Rank = 32

// ServiceClient is where a program begins. Any number live side by side; they share nothing but the RateLimits they are given.
type ServiceClient struct{ session *session }

// Options are for who wants another clock, chance, or limits that clients share. The zero value is the machine's own.
type Options struct {
	Clock  Clock
	Random func() float64 // in [0, 1)
	Limits *RateLimits
	Lookup func(string) (string, bool) // the environment
}

// shared are the limits of clients that are given none.
var shared RateLimits

// New makes a client; it fails with ErrNoAPIKey. Close it when it is not needed any more.
func New(config Config, options Options) (*ServiceClient, error) {
	if options.Lookup == nil {
		options.Lookup = os.LookupEnv
	}
	if options.Clock == nil {
		options.Clock = SystemClock{}
	}
	if options.Random == nil {
		options.Random = rand.Float64
	}
	if options.Limits == nil {
		options.Limits = &shared
	}
	config, err := config.Resolve(options.Lookup)
	if err != nil {
		return nil, err
	}
	limit := &rateLimit{clock: options.Clock, stepwise: true} // 0.4.1 has one in each holder
	if config.Dialect.Envelope {
		limit = options.Limits.of(tenant{config.BaseURL, config.APIKey}, options.Clock)
	}
	life, end := context.WithCancel(context.Background())
	return &ServiceClient{&session{
		config: config, dialect: config.Dialect, clock: options.Clock, random: options.Random, limit: limit,
		http: newTransport(config, options.Clock, options.Random), life: life, end: end,
	}}, nil
}

// Close ends the heartbeat and telemetry.
func (c *ServiceClient) Close() { c.session.close() }

// Rest lists training runs and checkpoints.
func (c *ServiceClient) Rest() *RestClient { return &RestClient{c.session} }

// Do makes any call, with the retries of HTTP.
func (c *ServiceClient) Do(ctx context.Context, call Call) (*Answer, error) {
	return c.session.http.send(ctx, call)
}

// Reporter is nil where telemetry is off; it begins the session.
func (c *ServiceClient) Reporter(ctx context.Context) (*Reporter, error) {
	_, err := c.session.begin(ctx)
	return c.session.reporter, err
}

// ServerCapabilities says which models there are.
func (c *ServiceClient) ServerCapabilities(ctx context.Context) (tinker.GetServerCapabilitiesResponse, error) {
	return persist(ctx, c.session, func() (tinker.GetServerCapabilitiesResponse, error) {
		return get[tinker.GetServerCapabilitiesResponse](ctx, c.session, "/api/v1/get_server_capabilities", "")
	})
}

// Lora says how a new model is adapted. Rank 0 is Rank.
type Lora struct {
	Rank int32
	Seed *int64
}

// CreateTrainingClient makes a new model. It is not tried again as a whole.
func (c *ServiceClient) CreateTrainingClient(ctx context.Context, baseModel string, lora Lora) (*TrainingClient, error) {
	id, err := c.session.begin(ctx)
	if err != nil {
		return nil, err
	}
	if lora.Rank == 0 {
		lora.Rank = Rank
	}
	seed := wire.Null[int64]()
	if lora.Seed != nil {
		seed = wire.Some(*lora.Seed)
	}
	yes := wire.Some(true)
	config := tinker.LoraConfig{Rank: lora.Rank, Seed: seed, TrainUnembed: yes, TrainMLP: yes, TrainAttn: yes}
	promise, err := c.session.promise(ctx, Call{Path: "/api/v1/create_model"}, tinker.CreateModelRequest{
		SessionID: id, ModelSeqID: c.session.models.Add(1) - 1, BaseModel: baseModel,
		UserMetadata: wire.Null[map[string]any](), LoraConfig: wire.Some(config),
	})
	if err != nil {
		return nil, err
	}
	created, err := retrieve[tinker.CreateModelResponse](ctx, c.session, promise, nil)
	if err != nil {
		return nil, err
	}
	return newTrainingClient(c.session, created.ModelID), nil
}

// CreateTrainingClientFromState makes a new model with saved weights, and with their optimizer where that is asked for. What
// fails on the way leaves no client behind.
func (c *ServiceClient) CreateTrainingClientFromState(ctx context.Context, path string, optimizer bool) (*TrainingClient, error) {
	parsed, err := ParsePath(path)
	if err != nil {
		return nil, err
	}
	if _, err := c.session.begin(ctx); err != nil {
		return nil, err
	}
	baseModel, rank, err := c.madeOf(ctx, parsed)
	if err != nil {
		return nil, err
	}
	made, err := c.CreateTrainingClient(ctx, baseModel, Lora{Rank: rank})
	if err != nil {
		return nil, err
	}
	load := made.LoadState
	if optimizer {
		load = made.LoadStateWithOptimizer
	}
	if _, err := load(ctx, path).Result(ctx); err != nil {
		made.Close()
		return nil, err
	}
	return made, nil
}

// madeOf gives base model and rank of saved weights: 0.4.1 asks for the run, the seeds for the weights.
func (c *ServiceClient) madeOf(ctx context.Context, path Path) (string, int32, error) {
	if !c.session.dialect.Envelope {
		run, err := c.Rest().TrainingRun(ctx, path.Run)
		rank, _ := run.LoraRank.Get()
		return run.BaseModel, rank, err
	}
	info, err := c.Rest().WeightsInfo(ctx, path.String())
	rank, _ := info.LoraRank.Get()
	return info.BaseModel, rank, err
}

// CreateSamplingClient samples from a base model or from saved weights: one of them is given, else it fails with ErrModel.
func (c *ServiceClient) CreateSamplingClient(ctx context.Context, baseModel, modelPath string) (*SamplingClient, error) {
	if (baseModel == "") == (modelPath == "") {
		return nil, ErrModel
	}
	if modelPath != "" {
		if _, err := ParsePath(modelPath); err != nil {
			return nil, err
		}
	}
	id, err := c.session.begin(ctx)
	if err != nil {
		return nil, err
	}
	created, err := ask[tinker.CreateSamplingSessionResponse](ctx, c.session, "create_sampling_session",
		tinker.CreateSamplingSessionRequest{
			SessionID: id, SamplingSessionSeqID: c.session.samplers.Add(1) - 1,
			BaseModel: orNull(baseModel), ModelPath: orNull(modelPath),
		})
	if err != nil {
		return nil, err
	}
	return newSamplingClient(c.session, created.SamplingSessionID), nil
}

func orNull(text string) wire.Opt[string] {
	if text == "" {
		return wire.Null[string]()
	}
	return wire.Some(text)
}
