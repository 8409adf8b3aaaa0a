package tinker.client;

import com.google.gson.JsonObject;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import tinker.Future.QueueState;
import tinker.Model.CreateModelRequest;
import tinker.Model.CreateModelResponse;
import tinker.Model.LoraConfig;
import tinker.Runs.TrainingRun;
import tinker.Sampling.CreateSamplingSessionRequest;
import tinker.Sampling.CreateSamplingSessionResponse;
import tinker.Weights.LoadWeightsResponse;
import tinker.Weights.WeightsInfoResponse;
import tinker.wire.Opt;

/** Where a program begins. Any number side by side; nothing is shared but rate limits that are given to several. */
public final class ServiceClient implements AutoCloseable {
  public static final int RANK = 32;

  private final Session session;

  public ServiceClient(Config config) {
    this(config, Clock.SYSTEM, () -> ThreadLocalRandom.current().nextDouble(), new RateLimit.Shared(Clock.SYSTEM));
  }

  /** random: draws from 0 to 1, exclusive; limits: of clients that should respect one another's. */
  public ServiceClient(Config config, Clock clock, DoubleSupplier random, RateLimit.Shared limits) {
    this.session = new Session(config, clock, random, limits);
  }

  /** How the model of a training client is to be. */
  public record Lora(String baseModel, int rank, OptionalLong seed, Map<String, String> userMetadata) {
    public static Lora of(String baseModel) {
      return new Lora(baseModel, RANK, OptionalLong.empty(), Map.of());
    }
  }

  /** A new model. It is not tried again as a whole. */
  public TrainingClient createTrainingClient(Lora lora) throws InterruptedException {
    String sessionId = session.begin();
    Opt<JsonObject> metadata = Opt.ofNull();
    if (!lora.userMetadata().isEmpty()) {
      JsonObject object = new JsonObject();
      lora.userMetadata().forEach(object::addProperty);
      metadata = Opt.of(object);
    }
    Opt<Long> seed = lora.seed().isPresent() ? Opt.of(lora.seed().getAsLong()) : Opt.ofNull();
    LoraConfig adapters = new LoraConfig(lora.rank(), seed, Opt.of(true), Opt.of(true), Opt.of(true));
    CreateModelRequest request =
        new CreateModelRequest(
            sessionId,
            session.models.getAndIncrement(),
            lora.baseModel(),
            metadata,
            Opt.of(adapters),
            Opt.missing());
    Promise.Kind<CreateModelResponse> kind = Promise.Kind.CREATE_MODEL;
    Promise<CreateModelResponse> promise = session.promise(kind, session.api.post(kind.path(), request));
    String modelId = session.poller.result(promise, state -> {}).modelId();
    return new TrainingClient(session, modelId, lora.baseModel());
  }

  /**
   * A new model with saved weights. What fails on the way leaves no client behind.
   *
   * @throws UsageException BAD_PATH; UNSUPPORTED: 0.4.1 loads no optimizer
   */
  public TrainingClient createTrainingClientFromState(String path, boolean optimizer) throws InterruptedException {
    TinkerPath parsed = TinkerPath.parse(path);
    session.begin();
    Lora lora = session.generation.loadsOptimizer() ? asWeightsSay(path) : asRunSays(parsed.run());
    TrainingClient client = createTrainingClient(lora);
    try {
      Future<LoadWeightsResponse> loaded = optimizer ? client.loadStateWithOptimizer(path) : client.loadState(path);
      loaded.get();
      return client;
    } catch (ExecutionException failed) {
      client.close();
      throw Failures.of(failed);
    } catch (RuntimeException refused) {
      client.close();
      throw refused;
    }
  }

  /** Samples from a base model. */
  public SamplingClient createSamplingClient(String baseModel) throws InterruptedException {
    return sampler(Opt.of(baseModel), Opt.ofNull(), baseModel);
  }

  /**
   * Samples from saved weights.
   *
   * @throws UsageException BAD_PATH
   */
  public SamplingClient createSamplingClientFromPath(String path) throws InterruptedException {
    TinkerPath.parse(path);
    return sampler(Opt.ofNull(), Opt.of(path), path);
  }

  public RestClient rest() {
    return new RestClient(session);
  }

  /** For calls that this client does not have. */
  public Http http() {
    return session.http;
  }

  /** Of the session, which is begun if need be. */
  public Reporter telemetry() throws InterruptedException {
    return session.reporter();
  }

  /** The result of a request that somebody sent. */
  public <T> Future<T> result(Promise<T> promise, Consumer<QueueState> observer) {
    return session.start(() -> session.poller.result(promise, observer));
  }

  /** What is under way is given up. */
  @Override
  public void close() {
    session.close();
  }

  private SamplingClient sampler(Opt<String> baseModel, Opt<String> path, String name) throws InterruptedException {
    String sessionId = session.begin();
    CreateSamplingSessionRequest request =
        new CreateSamplingSessionRequest(sessionId, session.samplers.getAndIncrement(), baseModel, path);
    Http.Call call = session.api.post("/api/v1/create_sampling_session", request);
    String sampler = session.api.ask(call, CreateSamplingSessionResponse.class).samplingSessionId();
    return new SamplingClient(session, sampler, name);
  }

  private Lora asRunSays(String run) throws InterruptedException {
    TrainingRun found = rest().getTrainingRun(run);
    return new Lora(found.baseModel(), found.loraRank().get().orElse(RANK), OptionalLong.empty(), Map.of());
  }

  private Lora asWeightsSay(String path) throws InterruptedException {
    WeightsInfoResponse info = rest().getWeightsInfo(path);
    return new Lora(info.baseModel(), info.loraRank().get().orElse(RANK), OptionalLong.empty(), Map.of());
  }
}
