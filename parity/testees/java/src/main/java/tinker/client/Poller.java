package tinker.client;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import tinker.Future.FutureRetrieveRequest;
import tinker.Future.QueueState;
import tinker.wire.Opt;

/** Asks for results until they are there. */
public final class Poller {
  private static final double TIMEOUT_S = 45;
  private static final int LOST = 0;

  private final Api api;
  private final Clock clock;
  private final Generation generation;

  Poller(Api api, Clock clock, Generation generation) {
    this.api = api;
    this.clock = clock;
    this.generation = generation;
  }

  /**
   * The result; goes on for ever while there is none.
   *
   * @param observer is told why the service does not work on it yet
   * @throws TinkerException RequestFailed, Expired, Status, Validation
   */
  public <T> T result(Promise<T> promise, Consumer<QueueState> observer) throws InterruptedException {
    int streak = -1;
    int failures = 0;
    for (int iteration = 0; ; iteration++) {
      int status = LOST;
      byte[] body = {};
      TinkerException error = null;
      try {
        Http.Answer answer = ask(promise, iteration);
        status = answer.status();
        body = answer.body();
      } catch (TinkerException.Status refused) {
        error = refused;
        status = refused.status();
        body = refused.body().getBytes(StandardCharsets.UTF_8);
      } catch (TinkerException.Connection | TinkerException.Timeout lost) {
        error = lost;
      }
      failures = status == streak ? failures + 1 : 0;
      streak = status;
      Poll step = status == LOST ? Poll.lost(failures) : Poll.decide(status, body, failures, generation);
      if (step instanceof Poll.Done done) {
        return api.read(promise.kind().result(), done.result().toString().getBytes(StandardCharsets.UTF_8));
      } else if (step instanceof Poll.Again again) {
        if (again.told()) {
          again.state().ifPresent(observer);
        }
        if (again.delay() > 0) {
          clock.sleep(again.delay());
        }
      } else if (step instanceof Poll.Failed failed) {
        throw new TinkerException.RequestFailed(failed.reason(), promise.requestId(), failed.category());
      } else if (step instanceof Poll.Invalid invalid) {
        throw new TinkerException.Validation(invalid.reason());
      } else {
        throw step instanceof Poll.Resubmit ? new TinkerException.Expired(promise.requestId()) : error;
      }
    }
  }

  private Http.Answer ask(Promise<?> promise, int iteration) throws InterruptedException {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("x-tinker-request-iteration", String.valueOf(iteration));
    headers.put("x-tinker-request-type", promise.kind().name());
    headers.put("x-stainless-raw-response", "raw");
    if (iteration == 0 && promise.roundtrip().isPresent()) {
      headers.put("x-tinker-create-promise-roundtrip-time", String.valueOf(promise.roundtrip().getAsDouble()));
    }
    FutureRetrieveRequest request = new FutureRetrieveRequest(promise.requestId(), Opt.missing());
    return api.send(api.post("/api/v1/retrieve_future", request).headers(headers).timeout(TIMEOUT_S).retries(0));
  }
}
