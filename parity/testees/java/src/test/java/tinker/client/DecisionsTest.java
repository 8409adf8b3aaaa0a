package tinker.client;

import static tinker.client.Checks.equal;
import static tinker.client.Checks.refused;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** What the client decides without a network. */
public final class DecisionsTest {
  private DecisionsTest() {}

  public static void main(String[] arguments) {
    Checks checks = new Checks();
    checks.check("metrics by their reduction", DecisionsTest::metrics);
    checks.check("metrics that cannot be reduced", DecisionsTest::badMetrics);
    checks.check("hashes as Python has them", DecisionsTest::hashes);
    checks.check("batches are cut by length and by numbers", DecisionsTest::chunks);
    checks.check("answers that are tried again", DecisionsTest::retries);
    checks.check("waits between tries", DecisionsTest::delays);
    checks.check("answers to a poll", DecisionsTest::polls);
    checks.check("tensors hold what their elements hold", DecisionsTest::tensors);
    checks.check("paths of weights", DecisionsTest::paths);
    checks.check("addresses and queries", DecisionsTest::urls);
    checks.check("settings before the environment", DecisionsTest::settings);
    checks.check("events of a stream in any pieces", DecisionsTest::events);
    checks.check("pages until there is enough", DecisionsTest::pages);
    checks.exit();
  }

  private static List<Metrics> measured(String key) {
    return List.of(
        new Metrics(Map.of(key, 1.0), 1), new Metrics(Map.of(key, 3.0), 3), new Metrics(Map.of(key, 3.0), 0));
  }

  private static void metrics() {
    Map<String, Double> expected = Map.of("mean", 2.5, "slack", 0.5, "min", 1.0, "max", 3.0, "sum", 7.0);
    expected.forEach((reduction, value) ->
        equal(Map.of("m:" + reduction, value), Metrics.reduce(measured("m:" + reduction), Generation.V041)));
    equal(Map.of(), Metrics.reduce(measured("m:unheard"), Generation.V041));
    equal(Map.of(), Metrics.reduce(List.of(), Generation.V041));
    equal(
        List.of("t:unique", "t:unique_1", "t:unique_2"),
        List.copyOf(Metrics.reduce(measured("t:unique"), Generation.V041).keySet()));
    equal(
        List.of("t:unique", "t:unique_2", "t:unique_3"),
        List.copyOf(Metrics.reduce(measured("t:unique"), Generation.TINKEX).keySet()));
  }

  private static void badMetrics() throws Exception {
    equal(UsageException.Kind.BAD_KEY, refused(() -> Metrics.reduce(measured("loss"), Generation.V041)));
    equal(UsageException.Kind.BAD_KEY, refused(() -> Metrics.reduce(measured("a:b:sum"), Generation.V041)));
    List<Metrics> weightless = List.of(new Metrics(Map.of("m:mean", 1.0), 0));
    equal(UsageException.Kind.ZERO_WEIGHT, refused(() -> Metrics.reduce(weightless, Generation.V041)));
  }

  private static void hashes() {
    equal(-6644214454873602895L, PythonHash.unordered(List.of(1.0)));
    equal(-3550055125485641917L, PythonHash.unordered(List.of(2.0, 1.0)));
    equal(6299364165049820628L, PythonHash.unordered(List.of(3.7, -1.0)));
    equal(-8753497827991233192L, PythonHash.unordered(List.of(0.0)));
  }

  private static void chunks() {
    equal(List.of(128, 128, 1), Chunks.cut(Collections.nCopies(257, 1L), 128, 500_000));
    equal(List.of(2, 1), Chunks.cut(List.of(250_000L, 250_000L, 1L), 128, 500_000));
    equal(List.of(1, 1), Chunks.cut(List.of(600_000L, 1L), 128, 500_000));
    equal(List.of(), Chunks.cut(List.of(), 128, 500_000));
  }

  private static void retries() {
    equal(true, Retry.decide(409, Map.of(), Generation.V041));
    equal(false, Retry.decide(409, Map.of(), Generation.TINKEX));
    equal(true, Retry.decide(400, Map.of("x-should-retry", "true"), Generation.V041));
    equal(false, Retry.decide(503, Map.of("x-should-retry", "false"), Generation.V041));
    equal(true, Retry.decide(503, Map.of("x-should-retry", "False"), Generation.V041));
  }

  private static void delays() {
    equal(0.5, Retry.delay(0, Map.of(), 0, 0));
    equal(8.75, Retry.delay(9, Map.of(), 0.5, 0));
    equal(0.25, Retry.delay(0, Map.of("retry-after-ms", "250"), 0, 0));
    equal(0.5, Retry.delay(0, Map.of("retry-after", "61"), 0, 0));
    equal(5.0, Retry.delay(0, Map.of("retry-after", "Tue, 14 Nov 2023 22:13:25 GMT"), 0, 1_700_000_000));
    equal(OptionalDouble.of(1), Submit.delay(OptionalInt.of(503), 9, 299, Generation.V041));
    equal(OptionalDouble.empty(), Submit.delay(OptionalInt.of(503), 0, 300, Generation.V041));
    equal(12.5 - 2.5, Backoff.retryDelay(9, 0.999));
    equal(0.375, Backoff.retryDelay(0, 0));
  }

  private static Poll poll(String body, Generation generation) {
    return Poll.decide(200, body.getBytes(StandardCharsets.UTF_8), 0, generation);
  }

  private static void polls() {
    equal(Poll.Done.class, poll("{\"metrics\":null}", Generation.V041).getClass());
    equal(Poll.Failed.class, poll("{\"error\":\"x\",\"category\":\"User\"}", Generation.V041).getClass());
    equal(Poll.Done.class, poll("{\"status\":\"completed\",\"result\":{}}", Generation.TINKEX).getClass());
    equal(1.0, ((Poll.Again) poll("{\"status\":\"pending\"}", Generation.TINKEX)).delay());
    equal(Poll.Invalid.class, poll("{", Generation.V041).getClass());
    equal(new Poll.Resubmit(), Poll.decide(410, new byte[0], 0, Generation.V041));
    equal(new Poll.Refused(), Poll.decide(429, new byte[0], 0, Generation.V041));
  }

  private static void tensors() throws Exception {
    equal(
        new tinker.Training.Floats(List.of((double) 0.1f)), Tensors.make(List.of(0.1), "f32", Generation.V041).data());
    equal(
        new tinker.Training.Floats(List.of(0.0999755859375)), Tensors.make(List.of(0.1), "f16", Generation.V041).data());
    equal(new tinker.Training.Floats(List.of(0.1)), Tensors.make(List.of(0.1), "f64", Generation.V041).data());
    equal(UsageException.Kind.DTYPE, refused(() -> Tensors.make(List.of(1), "u8", Generation.V041)));
    equal(UsageException.Kind.UNKNOWN_NAME, refused(() -> Tensors.ofInputs(Map.of("other", List.of(1)))));
  }

  private static void paths() throws Exception {
    equal("weights/0001", TinkerPath.parse("tinker://run-1/weights/0001").checkpointId());
    for (String bad : List.of("", "run/weights/1", "tinker://run/other/1", "tinker://run/weights", "tinker:///weights/1")) {
      equal(UsageException.Kind.BAD_PATH, refused(() -> TinkerPath.parse(bad)));
    }
  }

  private static void urls() {
    equal("http://h/p/api/v1/x", Urls.join("http://h/p/", "/api/v1/x"));
    Map<String, Object> params = new LinkedHashMap<>();
    params.put("a", List.of(1, 2));
    params.put("b", Map.of("c", "x y"));
    params.put("none", null);
    equal("a=1&a=2&b%5Bc%5D=x+y", Urls.query(params, Urls.Arrays.REPEAT, Urls.Objects.BRACKETS));
    equal("a=1%2C2&b.c=x+y", Urls.query(params, Urls.Arrays.COMMA, Urls.Objects.DOTS));
  }

  private static void settings() throws Exception {
    Map<String, String> env = Map.of("TINKER_API_KEY", "of-env");
    equal("told", Config.builder(Generation.V041, env).apiKey("told").build().apiKey());
    equal("of-env", Config.builder(Generation.V041, env).build().apiKey());
    equal(UsageException.Kind.NO_API_KEY, refused(() -> Config.builder(Generation.V041, Map.of()).build()));
  }

  private static void events() {
    byte[] stream = "event: a\r\ndata: 1\r\n\r\ndata: 2\n\ndata: 3\n".getBytes(StandardCharsets.UTF_8);
    ServerSentEvents decoder = new ServerSentEvents();
    List<String> data = new ArrayList<>();
    for (int at = 0; at < stream.length; at++) {
      decoder.feed(Arrays.copyOfRange(stream, at, at + 1)).forEach(event -> data.add(event.data()));
    }
    equal(List.of("1", "2"), data);
  }

  private static void pages() {
    List<List<Long>> asked = new ArrayList<>();
    Pages.Page<String> found = Pages.collect(
        (limit, offset) -> {
          asked.add(List.of(limit, offset));
          return new Pages.Page<>(Collections.nCopies((int) Math.min(limit, 250 - offset), ""), 250);
        },
        120,
        100);
    equal(120, found.items().size());
    equal(List.of(List.of(100L, 0L), List.of(20L, 100L)), asked);
  }
}
