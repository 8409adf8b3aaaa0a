package tinker.client;

import static tinker.client.Checks.equal;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import tinker.Input.EncodedTextChunk;
import tinker.Input.ModelInput;
import tinker.Optimizer.AdamParams;
import tinker.Optimizer.OptimStepResponse;
import tinker.Sampling.SamplingParams;
import tinker.wire.Json;
import tinker.wire.Opt;

/** What the client sends, and in which order, to a server on 127.0.0.1 that answers as it is told. */
public final class TrafficTest {
  private static final AdamParams ADAM =
      new AdamParams(
          Opt.missing(), Opt.missing(), Opt.missing(), Opt.missing(), Opt.missing(), Opt.missing());

  private TrafficTest() {}

  /** Path and body of a request. */
  private record Asked(String path, JsonObject body) {}

  /** Status and body. */
  private record Answer(int status, String text) {}

  /** before: earlier requests for the path. */
  private interface Answers {
    Answer of(Asked asked, int before);
  }

  /** Notes what would have been slept. */
  private static final class Noted implements Clock {
    private final List<Double> slept = new CopyOnWriteArrayList<>();

    @Override
    public double now() {
      return Clock.SYSTEM.now();
    }

    @Override
    public double passed() {
      return slept.stream().mapToDouble(each -> each).sum();
    }

    @Override
    public void sleep(double seconds) {
      slept.add(seconds);
    }

    @Override
    public <T> T await(Future<T> future, double seconds)
        throws InterruptedException, ExecutionException, TimeoutException {
      return Clock.SYSTEM.await(future, seconds);
    }
  }

  /** A client, its server, and what they noted. */
  private static final class Stage implements AutoCloseable {
    private final List<Asked> asked = new ArrayList<>();
    private final Noted clock = new Noted();
    private final HttpServer server;
    private final ServiceClient client;

    Stage(Answers answers) throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setExecutor(Executors.newCachedThreadPool());
      server.createContext("/", exchange -> answer(exchange, answers));
      server.start();
      String address = "http://127.0.0.1:" + server.getAddress().getPort();
      Config config =
          Config.builder(Generation.V041, Map.of()).baseUrl(address).apiKey("tml-k").telemetry(false).build();
      client = new ServiceClient(config, clock, () -> 0, new RateLimit.Shared(clock));
    }

    private void answer(HttpExchange exchange, Answers answers) throws IOException {
      String text = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      JsonElement body = text.isEmpty() ? new JsonObject() : Json.parse(text.getBytes(StandardCharsets.UTF_8));
      Answer answer;
      synchronized (asked) {
        Asked now = new Asked(exchange.getRequestURI().getPath(), body.getAsJsonObject());
        int before = (int) asked.stream().filter(other -> other.path().equals(now.path())).count();
        asked.add(now);
        answer = answers.of(now, before);
      }
      byte[] told = answer.text().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(answer.status(), told.length == 0 ? -1 : told.length);
      exchange.getResponseBody().write(told);
      exchange.close();
    }

    private List<JsonObject> sent(String path) {
      synchronized (asked) {
        return asked.stream().filter(each -> each.path().equals(path)).map(Asked::body).toList();
      }
    }

    @Override
    public void close() {
      client.close();
      server.stop(0);
    }
  }

  public static void main(String[] arguments) {
    Checks checks = new Checks();
    checks.check("steps arrive in the order of their calls", TrafficTest::inOrder);
    checks.check("a failure leaves the client usable", TrafficTest::afterFailure);
    checks.check("calls are tried again", TrafficTest::again);
    checks.check("a sample waits after a 429", TrafficTest::limited);
    checks.exit();
  }

  /** Promises are called by their seq_id, results by their promise. */
  private static Answer service(Asked asked, int before) {
    String id = asked.body().has("request_id") ? asked.body().get("request_id").getAsString() : "";
    return new Answer(200, switch (asked.path()) {
      case "/api/v1/create_session" -> "{\"session_id\":\"s\"}";
      case "/api/v1/create_sampling_session" -> "{\"sampling_session_id\":\"ss\"}";
      case "/api/v1/create_model" -> "{\"request_id\":\"model\"}";
      case "/api/v1/asample" -> "{\"request_id\":\"sample\"}";
      case "/api/v1/retrieve_future" -> switch (id) {
        case "model" -> "{\"model_id\":\"m\"}";
        case "sample" -> "{\"sequences\":[]}";
        default -> "{\"metrics\":{\"of:max\":" + id + "}}";
      };
      default -> "{\"request_id\":\"" + asked.body().get("seq_id") + "\"}";
    });
  }

  private static void inOrder() throws Exception {
    try (Stage stage = new Stage(TrafficTest::service)) {
      TrainingClient training = stage.client.createTrainingClient(ServiceClient.Lora.of("m/Base"));
      List<Future<OptimStepResponse>> steps = new ArrayList<>();
      for (int count = 0; count < 8; count++) {
        steps.add(training.optimStep(ADAM));
      }
      for (int count = 0; count < 8; count++) {
        equal(Map.of("of:max", count + 1.0), steps.get(count).get().metrics().value());
      }
      List<Long> ids = stage.sent("/api/v1/optim_step").stream().map(body -> body.get("seq_id").getAsLong()).toList();
      equal(List.of(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L), ids);
    }
  }

  private static void afterFailure() throws Exception {
    Answers answers = (asked, before) ->
        asked.path().equals("/api/v1/optim_step") && before == 0 ? new Answer(400, "") : service(asked, before);
    try (Stage stage = new Stage(answers)) {
      TrainingClient training = stage.client.createTrainingClient(ServiceClient.Lora.of("m/Base"));
      try {
        training.optimStep(ADAM).get();
        throw new AssertionError("it did not fail");
      } catch (ExecutionException failed) {
        equal(400, ((TinkerException.Status) failed.getCause()).status());
      }
      training.optimStep(ADAM).get();
    }
  }

  private static void again() throws Exception {
    try (Stage stage = new Stage((asked, before) -> new Answer(before < 2 ? 503 : 200, ""))) {
      equal(200, stage.client.http().send(Http.Call.of("GET", "/api/v1/thing")).status());
      equal(List.of(0.5, 1.0), stage.clock.slept);
    }
  }

  private static void limited() throws Exception {
    Answers answers = (asked, before) ->
        asked.path().equals("/api/v1/asample") && before == 0 ? new Answer(429, "") : service(asked, before);
    try (Stage stage = new Stage(answers)) {
      SamplingParams params =
          new SamplingParams(
              Opt.of(1), Opt.missing(), Opt.missing(), Opt.missing(), Opt.missing(), Opt.missing());
      ModelInput prompt = new ModelInput(List.of(new EncodedTextChunk(List.of(1L))));
      SamplingClient sampling = stage.client.createSamplingClient("m/Base");
      sampling.sample(prompt, new SamplingClient.Options(1, params, false, 0)).get();
      equal(List.of(1.0), stage.clock.slept);
      equal(2, stage.sent("/api/v1/asample").size());
    }
  }
}
