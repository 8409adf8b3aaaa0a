package tinker.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import tinker.Future.QueueState;
import tinker.Model.GetInfoRequest;
import tinker.Model.GetInfoResponse;
import tinker.Optimizer.AdamParams;
import tinker.Optimizer.OptimStepRequest;
import tinker.Optimizer.OptimStepResponse;
import tinker.Training.Datum;
import tinker.Training.ForwardBackwardInput;
import tinker.Training.ForwardBackwardOutput;
import tinker.Training.ForwardBackwardRequest;
import tinker.Training.ForwardRequest;
import tinker.Training.LossFnConfigValue;
import tinker.Training.LossFnType;
import tinker.Weights.LoadWeightsRequest;
import tinker.Weights.LoadWeightsResponse;
import tinker.Weights.SaveWeightsForSamplerRequest;
import tinker.Weights.SaveWeightsForSamplerResponse;
import tinker.Weights.SaveWeightsRequest;
import tinker.Weights.SaveWeightsResponse;
import tinker.wire.Opt;

/**
 * Trains one model. Every call takes its numbers at once, and is sent when the promise of the one before is there; a
 * call that fails does not stop the next.
 */
public final class TrainingClient implements AutoCloseable {
  private final Session session;
  private final String modelId;
  private final Consumer<QueueState> observer;
  private final ExecutorService line;
  private long next = 1;

  TrainingClient(Session session, String modelId, String model) {
    this.session = session;
    this.modelId = modelId;
    this.observer = new QueueLog("Training for " + model, "concurrent models", session.clock);
    this.line = session.line();
  }

  public String modelId() {
    return modelId;
  }

  /** Outputs and metrics of a batch of any size. */
  public Future<ForwardBackwardOutput> forward(
      List<Datum> data, LossFnType lossFn, Opt<Map<String, LossFnConfigValue>> config) {
    return pass(
        Promise.Kind.FORWARD, data, lossFn, config, (input, seqId) -> new ForwardRequest(input, modelId, seqId));
  }

  /** As forward, and adds to the gradients. */
  public Future<ForwardBackwardOutput> forwardBackward(
      List<Datum> data, LossFnType lossFn, Opt<Map<String, LossFnConfigValue>> config) {
    return pass(
        Promise.Kind.FORWARD_BACKWARD,
        data,
        lossFn,
        config,
        (input, seqId) -> new ForwardBackwardRequest(input, modelId, seqId));
  }

  /** Changes the weights by the gradients, which begin anew. */
  public synchronized Future<OptimStepResponse> optimStep(AdamParams adam) {
    return call(Promise.Kind.OPTIM_STEP, new OptimStepRequest(adam, modelId, take()));
  }

  /** Weights and optimizer, under the path that the result tells. */
  public synchronized Future<SaveWeightsResponse> saveState(String name) {
    return call(
        Promise.Kind.SAVE_WEIGHTS,
        new SaveWeightsRequest(modelId, Opt.of(name), take(), Opt.missing(), Opt.missing(), Opt.missing()));
  }

  /** The weights; the optimizer begins anew. */
  public Future<LoadWeightsResponse> loadState(String path) {
    return load(path, false);
  }

  /**
   * Weights and optimizer.
   *
   * @throws UsageException UNSUPPORTED: 0.4.1 cannot say so
   */
  public Future<LoadWeightsResponse> loadStateWithOptimizer(String path) {
    if (!session.generation.loadsOptimizer()) {
      throw new UsageException(UsageException.Kind.UNSUPPORTED, "0.4.1 loads no optimizer");
    }
    return load(path, true);
  }

  /** What ServiceClient.createSamplingClient takes. */
  public synchronized Future<SaveWeightsForSamplerResponse> saveWeightsForSampler(String name) {
    return call(
        Promise.Kind.SAVE_WEIGHTS_FOR_SAMPLER,
        new SaveWeightsForSamplerRequest(modelId, Opt.of(name), Opt.missing(), take()));
  }

  /** Samples from the weights as they are now; they are kept for this client only. */
  public synchronized Future<SamplingClient> saveWeightsAndGetSamplingClient() {
    Opt<Long> number = Opt.of(session.samplers.getAndIncrement());
    Future<SaveWeightsForSamplerResponse> saved =
        call(
            Promise.Kind.SAVE_WEIGHTS_FOR_SAMPLER,
            new SaveWeightsForSamplerRequest(modelId, Opt.missing(), number, take()));
    return session.start(() -> {
      String sampler = result(saved)
          .samplingSessionId()
          .get()
          .orElseThrow(() -> new TinkerException.Validation("weights for a sampler without a sampling session"));
      return new SamplingClient(session, sampler, modelId);
    });
  }

  public GetInfoResponse getInfo() throws InterruptedException {
    Http.Call call = session.api.post("/api/v1/get_info", new GetInfoRequest(modelId));
    return session.persist(() -> session.api.ask(call, GetInfoResponse.class));
  }

  /** Sends nothing more. */
  @Override
  public void close() {
    line.shutdownNow();
  }

  private interface Request {
    Record of(ForwardBackwardInput input, Opt<Long> seqId);
  }

  private synchronized Future<LoadWeightsResponse> load(String path, boolean optimizer) {
    return call(
        Promise.Kind.LOAD_WEIGHTS,
        new LoadWeightsRequest(
            Opt.of(modelId),
            path,
            take(),
            Opt.missing(),
            Opt.missing(),
            Opt.missing(),
            Opt.missing(),
            Opt.of(optimizer),
            Opt.missing(),
            Opt.missing()));
  }

  private synchronized Future<ForwardBackwardOutput> pass(
      Promise.Kind<ForwardBackwardOutput> kind,
      List<Datum> data,
      LossFnType lossFn,
      Opt<Map<String, LossFnConfigValue>> config,
      Request request) {
    List<Record> requests = new ArrayList<>();
    for (List<Datum> chunk : Chunks.split(data, session.generation)) {
      requests.add(request.of(new ForwardBackwardInput(chunk, lossFn, config), take()));
    }
    Future<List<Promise<ForwardBackwardOutput>>> submitted = submit(kind, requests);
    return session.start(() -> {
      List<ForwardBackwardOutput> outputs = new ArrayList<>();
      for (Promise<ForwardBackwardOutput> promise : promised(submitted)) {
        outputs.add(session.poller.result(promise, observer));
      }
      return Outputs.combine(outputs, session.generation);
    });
  }

  private <T> Future<T> call(Promise.Kind<T> kind, Record request) {
    Future<List<Promise<T>>> submitted = submit(kind, List.of(request));
    return session.start(() -> session.poller.result(promised(submitted).get(0), observer));
  }

  private <T> Future<List<Promise<T>>> submit(Promise.Kind<T> kind, List<Record> requests) {
    return line.submit(() -> {
      List<Promise<T>> promises = new ArrayList<>();
      for (Record request : requests) {
        Http.Call call = session.api.post(kind.path(), request);
        promises.add(session.persist(() -> session.promise(kind, call)));
      }
      return promises;
    });
  }

  /** Submits that wait in line go before anybody asks for results. */
  private <T> T promised(Future<T> submitted) throws InterruptedException {
    T promises = result(submitted);
    result(line.submit(() -> promises));
    return promises;
  }

  private static <T> T result(Future<T> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException failed) {
      throw Failures.of(failed);
    }
  }

  /** The next number of a call. */
  private Opt<Long> take() {
    return Opt.of(next++);
  }
}
