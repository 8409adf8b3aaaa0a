package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"samewire/parity/testees/go/tinker"
	"samewire/parity/testees/go/wire"
)

// stillClock notes sleeps, and is ahead by as much.
type stillClock struct {
	SystemClock
	mutex sync.Mutex
	slept []float64
	ahead float64
}

func (c *stillClock) Passed() float64 {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.ahead
}

func (c *stillClock) Sleep(ctx context.Context, seconds float64) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.slept = append(c.slept, seconds)
	c.ahead += seconds
	return ctx.Err()
}

// service answers by path with what is planted, then with {}; results of futures are those of their request ids.
type service struct {
	mutex   sync.Mutex
	planted map[string][]func(http.ResponseWriter)
	sent    []string
	keys    []string
}

func (s *service) ServeHTTP(out http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	s.mutex.Lock()
	path := request.URL.Path[len("/api/v1/"):]
	s.sent = append(s.sent, path+" "+string(body))
	s.keys = append(s.keys, request.Header.Get("X-Idempotency-Key"))
	var answer func(http.ResponseWriter)
	if left := s.planted[path]; len(left) > 0 {
		answer, s.planted[path] = left[0], left[1:]
	}
	s.mutex.Unlock()
	if answer == nil {
		answer = says(200, map[string]any{
			"session_id": "s", "sampling_session_id": "ss", "request_id": path, "model_id": "m", "sequences": []any{},
			"loss_fn_output_type": "T", "loss_fn_outputs": []any{}, "metrics": map[string]any{},
		})
	}
	answer(out)
}

func says(status int, body any) func(http.ResponseWriter) {
	return func(out http.ResponseWriter) {
		out.WriteHeader(status)
		_ = json.NewEncoder(out).Encode(body)
	}
}

func start(t *testing.T, dialect *Dialect, planted map[string][]func(http.ResponseWriter)) (*ServiceClient, *service, *stillClock) {
	t.Helper()
	behind := &service{planted: planted}
	server := httptest.NewServer(behind)
	clock := &stillClock{}
	config := Config{Dialect: dialect, BaseURL: server.URL, APIKey: "k", Telemetry: new(false)}
	made, err := New(config, Options{Clock: clock, Random: func() float64 { return 0 }, Limits: &RateLimits{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { made.Close(); server.Close() })
	return made, behind, clock
}

func trainer(t *testing.T, service *ServiceClient) *TrainingClient {
	t.Helper()
	made, err := service.CreateTrainingClient(t.Context(), "base", Lora{})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestCallsArriveInOrder(t *testing.T) {
	service, behind, _ := start(t, V041, nil)
	model := trainer(t, service)
	behind.sent = nil
	futures := []*Future[tinker.OptimStepResponse]{}
	for range 20 {
		futures = append(futures, model.OptimStep(t.Context(), tinker.AdamParams{}))
	}
	for _, future := range futures {
		if _, err := future.Result(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	seen := 0
	for _, line := range behind.sent {
		if want := fmt.Sprintf(`optim_step {"adam_params":{},"model_id":"m","seq_id":%d}`, seen+1); line == want {
			seen++
		}
	}
	if seen != 20 {
		t.Errorf("%d of 20 calls came in order: %v", seen, behind.sent)
	}
}

func TestChunksAreCombined(t *testing.T) {
	output := func(loss float64) func(http.ResponseWriter) {
		return says(200, map[string]any{
			"loss_fn_output_type": "T", "loss_fn_outputs": []any{map[string]any{}}, "metrics": map[string]any{"loss:sum": loss},
		})
	}
	created := says(200, map[string]any{"model_id": "m"})
	service, _, _ := start(t, V041, map[string][]func(http.ResponseWriter){"retrieve_future": {created, output(1), output(2)}})
	data := make([]tinker.Datum, 129)
	for index := range data {
		data[index] = tinker.Datum{LossFnInputs: map[string]tinker.TensorData{}, ModelInput: Text([]int64{1})}
	}
	got, err := trainer(t, service).ForwardBackward(t.Context(), data, "cross_entropy", nil).Result(t.Context())
	if err != nil || got.Metrics["loss:sum"] != 3 || len(got.LossFnOutputs) != 2 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestRetriesKeepTheirIdempotencyKey(t *testing.T) {
	lost := func(http.ResponseWriter) { panic(http.ErrAbortHandler) }
	service, behind, clock := start(t, V041, map[string][]func(http.ResponseWriter){"thing": {says(503, nil), lost}})
	answer, err := service.Do(t.Context(), Call{Method: "POST", Path: "/api/v1/thing"})
	if err != nil || answer.Status != 200 || !slices.Equal(clock.slept, []float64{0.5, 1}) {
		t.Fatalf("got %v, %v, slept %v", answer, err, clock.slept)
	}
	if len(behind.keys) != 3 || behind.keys[0] == "" || behind.keys[0] != behind.keys[2] {
		t.Errorf("keys: %v", behind.keys)
	}
}

func TestLostGetIsSentOnceOnly(t *testing.T) {
	lost := func(http.ResponseWriter) { panic(http.ErrAbortHandler) }
	service, behind, _ := start(t, Tinkex, map[string][]func(http.ResponseWriter){"thing": {says(200, nil), lost}})
	for range 2 { // the second uses the connection of the first: net/http would send it again by itself
		_, _ = service.Do(t.Context(), Call{Method: "GET", Path: "/api/v1/thing"})
	}
	if len(behind.sent) != 2 {
		t.Errorf("sent %v", behind.sent)
	}
}

func TestPauseIsShared(t *testing.T) {
	slow := func(out http.ResponseWriter) {
		out.Header().Set("Retry-After", "7")
		out.WriteHeader(429)
	}
	done := says(200, map[string]any{"status": "completed", "result": map[string]any{"sequences": []any{}}})
	service, behind, clock := start(t, Tinkex, map[string][]func(http.ResponseWriter){
		"asample": {slow}, "retrieve_future": {done, done},
	})
	sampler, err := service.CreateSamplingClient(t.Context(), "base", "")
	if err != nil {
		t.Fatal(err)
	}
	params := tinker.SamplingParams{MaxTokens: wire.Some(int32(1))}
	if _, err := sampler.Sample(t.Context(), Text([]int64{1}), params, SampleOptions{}).Result(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(clock.slept, []float64{7}) {
		t.Errorf("slept %v, sent %v", clock.slept, behind.sent)
	}
}

func TestPausesOfOneTenantOnly(t *testing.T) {
	var limits RateLimits
	clock := &stillClock{}
	one, same, other := limits.of(tenant{"u", "k"}, clock), limits.of(tenant{"u", "k"}, clock), limits.of(tenant{"u", "l"}, clock)
	one.pause(3)
	_ = other.wait(t.Context())
	if len(clock.slept) != 0 {
		t.Errorf("another key waited %v", clock.slept)
	}
	if _ = same.wait(t.Context()); !slices.Equal(clock.slept, []float64{3}) {
		t.Errorf("waited %v", clock.slept)
	}
}

func TestFailedLoadLeavesNoClient(t *testing.T) {
	failed := map[string]any{"error": "no", "category": "user"}
	run := map[string]any{
		"training_run_id": "r", "base_model": "b", "model_owner": "o", "is_lora": true, "last_request_time": "2026-01-01T00:00:00Z",
	}
	service, _, _ := start(t, V041, map[string][]func(http.ResponseWriter){
		"training_runs/r": {says(200, run)}, "retrieve_future": {says(200, map[string]any{"model_id": "m"}), says(200, failed)},
	})
	made, err := service.CreateTrainingClientFromState(t.Context(), "tinker://r/weights/a", false)
	var said *RequestFailedError
	if made != nil || !errors.As(err, &said) {
		t.Errorf("got %v, %v", made, err)
	}
}

func TestWaitEndsAndWorkGoesOn(t *testing.T) {
	release := make(chan struct{})
	slow := func(out http.ResponseWriter) { <-release; says(200, map[string]any{"metrics": nil})(out) }
	service, _, _ := start(t, V041, map[string][]func(http.ResponseWriter){"retrieve_future": {slow}})
	future := Retrieve[tinker.OptimStepResponse](t.Context(), service, Promise{RequestID: "r", Kind: "OptimStep"}, nil)
	var wait *WaitError
	if _, err := future.Within(t.Context(), 0.02); !errors.As(err, &wait) {
		t.Fatalf("got %v", err)
	}
	close(release)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := future.Result(ctx); err != nil {
		t.Errorf("got %v", err)
	}
}
