package tinker.client;

import com.google.gson.JsonObject;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;
import tinker.Future.UntypedAPIFuture;
import tinker.Session.CreateSessionRequest;
import tinker.Session.CreateSessionResponse;
import tinker.Session.SessionHeartbeatRequest;
import tinker.Session.SessionHeartbeatResponse;
import tinker.Telemetry.Severity;
import tinker.wire.Opt;

/** A session with the service, which all clients of a ServiceClient share. Begun by whoever needs it first. */
final class Session implements AutoCloseable {
  private static final double HEARTBEAT_TIMEOUT_S = 10;
  private static final long HEARTBEAT_EVERY_S = 10;
  private static final System.Logger LOG = System.getLogger("tinker");
  private static final ThreadFactory DAEMONS = work -> {
    Thread thread = new Thread(work, "tinker");
    thread.setDaemon(true);
    return thread;
  };

  final Config config;
  final Generation generation;
  final Clock clock;
  final DoubleSupplier random;
  final Http http;
  final Api api;
  final Poller poller;
  final RateLimit rateLimit;

  /** Numbers of models and of sampling sessions, from 0. */
  final AtomicLong models = new AtomicLong();

  final AtomicLong samplers = new AtomicLong();

  private final ExecutorService workers = Executors.newCachedThreadPool(DAEMONS);
  private final ScheduledExecutorService rhythm = Executors.newSingleThreadScheduledExecutor(DAEMONS);
  private String id;
  private Reporter reporter;

  Session(Config config, Clock clock, DoubleSupplier random, RateLimit.Shared limits) {
    this.config = config;
    this.generation = config.generation();
    this.clock = clock;
    this.random = random;
    this.http = new Http(config, clock, random);
    this.api = new Api(http, generation);
    this.poller = new Poller(api, clock, generation);
    this.rateLimit = generation.envelopes() ? limits.of(config.tenant()) : new RateLimit(clock, true);
  }

  /** The session's id; asks for a session when there is none. */
  synchronized String begin() throws InterruptedException {
    if (id == null) {
      JsonObject metadata = new JsonObject();
      config.userMetadata().forEach(metadata::addProperty);
      CreateSessionRequest request =
          new CreateSessionRequest(
              config.tags(), Opt.of(metadata), generation.sdkVersion(), Opt.missing(), Opt.missing());
      CreateSessionResponse begun = api.ask(api.post("/api/v1/create_session", request), CreateSessionResponse.class);
      begun.infoMessage().get().ifPresent(text -> LOG.log(System.Logger.Level.INFO, text));
      begun.warningMessage().get().ifPresent(text -> LOG.log(System.Logger.Level.WARNING, text));
      begun.errorMessage().get().ifPresent(text -> LOG.log(System.Logger.Level.ERROR, text));
      id = begun.sessionId();
      reporter = new Reporter(api, config, id);
      rhythm.scheduleAtFixedRate(
          () -> inRhythm(this::beat), HEARTBEAT_EVERY_S, HEARTBEAT_EVERY_S, TimeUnit.SECONDS);
      long flush = (long) Reporter.FLUSH_EVERY_S;
      rhythm.scheduleAtFixedRate(() -> inRhythm(reporter::flush), flush, flush, TimeUnit.SECONDS);
    }
    return id;
  }

  /** Of the session, which is begun if need be. */
  synchronized Reporter reporter() throws InterruptedException {
    begin();
    return reporter;
  }

  /** With the retries of a whole submit; each failure is told to telemetry. */
  <T> T persist(Submit.Act<T> act) throws InterruptedException {
    return Submit.persist(act, generation, clock, this::failed);
  }

  /** Sends a long call once, and gives what it promises. */
  <T> Promise<T> promise(Promise.Kind<T> kind, Http.Call call) throws InterruptedException {
    double began = clock.passed();
    UntypedAPIFuture answer = api.ask(call, UntypedAPIFuture.class);
    return new Promise<>(kind, answer.requestId(), OptionalDouble.of(clock.passed() - began));
  }

  /** Works on something while the caller goes on. */
  <T> Future<T> start(Callable<T> work) {
    return workers.submit(work);
  }

  /** A line of work: one after the other, in the order in which it was asked for. */
  ExecutorService line() {
    return Executors.newSingleThreadExecutor(DAEMONS);
  }

  /** What is under way is given up. */
  @Override
  public void close() {
    rhythm.shutdownNow();
    workers.shutdownNow();
  }

  private interface Beat {
    void run() throws InterruptedException;
  }

  private void inRhythm(Beat beat) {
    try {
      beat.run();
    } catch (TinkerException later) {
      LOG.log(System.Logger.Level.DEBUG, later.getMessage());
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private void beat() throws InterruptedException {
    Http.Call call = api.post("/api/v1/session_heartbeat", new SessionHeartbeatRequest(begin()));
    api.ask(call.timeout(HEARTBEAT_TIMEOUT_S).retries(0), SessionHeartbeatResponse.class);
  }

  private void failed(TinkerException error, int attempt, boolean again) {
    Reporter told;
    synchronized (this) {
      told = reporter;
    }
    if (told != null) {
      JsonObject data = new JsonObject();
      data.addProperty("exception", error.getMessage());
      data.addProperty("exception_type", error.getClass().getSimpleName());
      data.addProperty("is_retryable", again);
      data.addProperty("attempt_count", attempt);
      told.event(
          "InternalClientHolder.execute_with_retries.exception", data, again ? Severity.WARNING : Severity.ERROR);
    }
  }
}
