package tinker.client;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import tinker.Future.QueueState;
import tinker.Input.ModelInput;
import tinker.Sampling.SampleRequest;
import tinker.Sampling.SampleResponse;
import tinker.Sampling.SamplingParams;
import tinker.wire.Opt;

/** Samples from one model, many at a time. */
public final class SamplingClient {
  private static final int CONCURRENT = 400;
  private static final double PROGRESS_S = 1800;

  private final Session session;
  private final String sessionId;
  private final Consumer<QueueState> observer;
  private final AtomicLong next = new AtomicLong();
  private final Semaphore slots = new Semaphore(CONCURRENT, true);
  private volatile double progress;

  SamplingClient(Session session, String sessionId, String model) {
    this.session = session;
    this.sessionId = sessionId;
    this.observer = new QueueLog("Sampling for " + model, "concurrent LoRA", session.clock);
  }

  /** How a sample is to be. */
  public record Options(int numSamples, SamplingParams params, boolean promptLogprobs, int topkPromptLogprobs) {}

  /** Is tried again as long as any sample gets on. */
  public Future<SampleResponse> sample(ModelInput prompt, Options options) {
    return session.start(() -> persist(prompt, options));
  }

  /** Of each token of the prompt, given those before it; empty for the first. */
  public Future<List<Optional<Double>>> computeLogprobs(ModelInput prompt) {
    SamplingParams params =
        new SamplingParams(Opt.of(1), Opt.missing(), Opt.missing(), Opt.missing(), Opt.missing(), Opt.missing());
    return session.start(() ->
        persist(prompt, new Options(1, params, true, 0))
            .promptLogprobs()
            .get()
            .orElseThrow(() -> new TinkerException.Validation("no log probabilities of the prompt came"))
            .stream()
            .map(Opt::get)
            .toList());
  }

  private SampleResponse persist(ModelInput prompt, Options options) throws InterruptedException {
    progress = session.clock.passed();
    for (int attempt = 0; ; attempt++) {
      try {
        SampleResponse response = session.poller.result(submit(prompt, options), observer);
        progress = session.clock.passed();
        return response;
      } catch (TinkerException error) {
        if (!again(error)) {
          throw error;
        } else if (session.clock.passed() - progress > PROGRESS_S) {
          throw new TinkerException.Connection("no sample got on for " + PROGRESS_S + " s: " + error.getMessage());
        }
      }
      session.clock.sleep(Backoff.retryDelay(attempt, session.random.getAsDouble()));
    }
  }

  private boolean again(TinkerException error) {
    if (error instanceof TinkerException.Status answer) {
      return session.generation.retries(answer.status());
    }
    return !(error instanceof TinkerException.RequestFailed || error instanceof TinkerException.Validation);
  }

  /** A 429 is no failure: all samples of the tenant wait, then this one is sent again, with a number of its own. */
  private Promise<SampleResponse> submit(ModelInput prompt, Options options) throws InterruptedException {
    slots.acquire();
    try {
      while (true) {
        session.rateLimit.await();
        Http.Call call = call(prompt, options);
        Optional<Promise<SampleResponse>> promise = session.persist(() -> unlessLimited(call));
        if (promise.isPresent()) {
          return promise.get();
        }
      }
    } finally {
      slots.release();
    }
  }

  private Optional<Promise<SampleResponse>> unlessLimited(Http.Call call) throws InterruptedException {
    try {
      return Optional.of(session.promise(Promise.Kind.SAMPLE, call));
    } catch (TinkerException.Status error) {
      double pause = Backoff.pause(error.status(), error.headers(), session.clock.now(), session.generation);
      if (pause == 0) {
        throw error;
      }
      session.rateLimit.pause(pause);
      return Optional.empty();
    }
  }

  private Http.Call call(ModelInput prompt, Options options) {
    SampleRequest request =
        new SampleRequest(
            Opt.of(options.numSamples()),
            prompt,
            options.params(),
            Opt.missing(),
            Opt.missing(),
            Opt.of(sessionId),
            Opt.of(next.getAndIncrement()),
            Opt.of(options.promptLogprobs()),
            Opt.of(options.topkPromptLogprobs()),
            Opt.missing(),
            Opt.missing(),
            Opt.missing(),
            Opt.missing(),
            Opt.missing());
    return session
        .api
        .post(Promise.Kind.SAMPLE.path(), request)
        .headers(Map.of("x-tinker-sampling-backpressure", "1"))
        .retries(0);
  }
}
