package tinker.client;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.DoubleSupplier;
import java.util.zip.GZIPInputStream;

/** HTTP calls with their retries. */
public final class Http {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final int MOST_REDIRECTS = 20;
  private static final HttpClient CONNECTIONS;

  static {
    // What is sent again is counted here, and nowhere below.
    System.setProperty("jdk.httpclient.redirects.retrylimit", "1");
    CONNECTIONS =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT).build();
  }

  private final Config config;
  private final Clock clock;
  private final DoubleSupplier random;

  /** random: draws from 0 to 1, exclusive. */
  Http(Config config, Clock clock, DoubleSupplier random) {
    this.config = config;
    this.clock = clock;
    this.random = random;
  }

  /** One call. What is empty is as the client's settings say; query: the text behind the question mark. */
  public record Call(
      String method,
      String path,
      Optional<byte[]> body,
      String query,
      Map<String, String> headers,
      OptionalDouble timeoutSeconds,
      OptionalInt maxRetries,
      boolean followsRedirects) {
    public static Call of(String method, String path) {
      return new Call(
          method, path, Optional.empty(), "", Map.of(), OptionalDouble.empty(), OptionalInt.empty(), true);
    }

    public Call body(byte[] told) {
      return new Call(method, path, Optional.of(told), query, headers, timeoutSeconds, maxRetries, followsRedirects);
    }

    public Call query(String told) {
      return new Call(method, path, body, told, headers, timeoutSeconds, maxRetries, followsRedirects);
    }

    public Call headers(Map<String, String> told) {
      return new Call(method, path, body, query, told, timeoutSeconds, maxRetries, followsRedirects);
    }

    public Call timeout(double seconds) {
      return new Call(
          method, path, body, query, headers, OptionalDouble.of(seconds), maxRetries, followsRedirects);
    }

    public Call retries(int most) {
      return new Call(method, path, body, query, headers, timeoutSeconds, OptionalInt.of(most), followsRedirects);
    }

    Call withoutRedirects() {
      return new Call(method, path, body, query, headers, timeoutSeconds, maxRetries, false);
    }
  }

  /** Header names in lower case. */
  public record Answer(int status, Map<String, String> headers, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  /**
   * The last answer below 400.
   *
   * @throws TinkerException Status, Timeout or Connection when the tries are used up
   */
  public Answer send(Call call) throws InterruptedException {
    Map<String, String> headers = Headers.merge(List.of(own(call), config.headers(), call.headers()));
    int tries = call.maxRetries().orElse(config.maxRetries());
    for (int attempt = 0; ; attempt++) {
      headers.put("x-stainless-retry-count", String.valueOf(attempt));
      Map<String, String> said = Map.of();
      TinkerException failure;
      boolean again;
      try {
        Answer answer = once(call, headers);
        if (answer.status() < 400) {
          return answer;
        }
        failure = new TinkerException.Status(answer.status(), answer.text(), answer.headers());
        again = Retry.decide(answer.status(), answer.headers(), config.generation());
        said = asked(answer);
      } catch (TinkerException.Connection | TinkerException.Timeout lost) {
        failure = lost;
        again = config.generation().retriesConnection();
      }
      if (!again || attempt == tries) {
        throw failure;
      }
      clock.sleep(Retry.delay(attempt, said, random.getAsDouble(), clock.now()));
    }
  }

  /** The headers that may say when to come again. */
  private Map<String, String> asked(Answer answer) {
    var heard = config.generation().retryAfterStatuses();
    return heard.isEmpty() || heard.contains(answer.status()) ? answer.headers() : Map.of();
  }

  private Map<String, String> own(Call call) {
    Map<String, String> own = Headers.own(config);
    double timeout = call.timeoutSeconds().orElse(config.timeoutSeconds());
    own.put("x-stainless-read-timeout", timeout == Math.rint(timeout) ? String.valueOf((long) timeout) : "" + timeout);
    if (!call.method().equals("GET")) {
      own.put("content-type", "application/json");
      own.put("x-idempotency-key", "stainless-python-retry-" + UUID.randomUUID());
    }
    return own;
  }

  private Answer once(Call call, Map<String, String> headers) throws InterruptedException {
    URI url = URI.create(Urls.join(config.baseUrl(), call.path()) + (call.query().isEmpty() ? "" : "?" + call.query()));
    Answer answer = exchange(call, url, headers);
    for (int hops = 0; call.followsRedirects() && REDIRECTS.contains(answer.status()); hops++) {
      String location = answer.headers().get("location");
      if (location == null || hops == MOST_REDIRECTS) {
        throw new TinkerException.Connection(call.method() + " " + url + ": redirected to nowhere");
      }
      URI next = url.resolve(location);
      boolean asGet = answer.status() < 307 && !call.method().equals("GET");
      Call moved = asGet ? Call.of("GET", call.path()) : call;
      Map<String, String> said = new LinkedHashMap<>(headers);
      if (!String.valueOf(next.getAuthority()).equals(url.getAuthority())) {
        said.remove("x-api-key"); // is nobody else's business
      }
      url = next;
      answer = exchange(moved, url, said);
    }
    return answer;
  }

  private Answer exchange(Call call, URI url, Map<String, String> headers) throws InterruptedException {
    String what = call.method() + " " + url + ": ";
    HttpRequest.BodyPublisher body =
        call.body().map(HttpRequest.BodyPublishers::ofByteArray).orElse(HttpRequest.BodyPublishers.noBody());
    HttpRequest.Builder request = HttpRequest.newBuilder(url).method(call.method(), body);
    headers.forEach(request::setHeader);
    double timeout = call.timeoutSeconds().orElse(config.timeoutSeconds());
    CompletableFuture<HttpResponse<byte[]>> answer =
        CONNECTIONS.sendAsync(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    try {
      HttpResponse<byte[]> got = answer.get((long) (timeout * 1e9), TimeUnit.NANOSECONDS);
      Map<String, String> said = new LinkedHashMap<>();
      got.headers().map().forEach((name, values) -> said.put(name.toLowerCase(Locale.ROOT), values.get(0)));
      boolean packed = said.getOrDefault("content-encoding", "").equalsIgnoreCase("gzip");
      return new Answer(got.statusCode(), said, packed ? unpacked(got.body()) : got.body());
    } catch (TimeoutException late) {
      throw new TinkerException.Timeout(what + "no answer within " + timeout + " s");
    } catch (IOException garbage) {
      throw new TinkerException.Connection(what + garbage.getMessage());
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof HttpTimeoutException) {
        throw new TinkerException.Timeout(what + "no connection");
      } else if (failed.getCause() instanceof IOException lost) {
        throw new TinkerException.Connection(what + lost);
      }
      throw new IllegalStateException(failed.getCause());
    } finally {
      answer.cancel(true);
    }
  }

  private static byte[] unpacked(byte[] body) throws IOException {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
      return in.readAllBytes();
    }
  }
}
