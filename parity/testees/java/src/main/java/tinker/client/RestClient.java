package tinker.client;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import tinker.Checkpoints.CheckpointArchiveUrlResponse;
import tinker.Checkpoints.CheckpointsListResponse;
import tinker.Runs.TrainingRun;
import tinker.Runs.TrainingRunsResponse;
import tinker.Server.GetServerCapabilitiesResponse;
import tinker.Weights.WeightsInfoRequest;
import tinker.Weights.WeightsInfoResponse;

/** Training runs and checkpoints. Each call is tried again as a whole submit is. */
public final class RestClient {
  public static final int RUNS = 20;
  public static final int CHECKPOINTS = 100;
  private static final String ALL_RUNS = "/api/v1/training_runs";
  private static final long ARCHIVE_S = 900;

  private final Session session;

  RestClient(Session session) {
    this.session = session;
  }

  public GetServerCapabilitiesResponse getServerCapabilities() throws InterruptedException {
    return get("/api/v1/get_server_capabilities", Map.of(), GetServerCapabilitiesResponse.class);
  }

  /** One page. */
  public TrainingRunsResponse listTrainingRuns(int limit, int offset) throws InterruptedException {
    return get(ALL_RUNS, page(limit, offset), TrainingRunsResponse.class);
  }

  public TrainingRun getTrainingRun(String run) throws InterruptedException {
    return get(ALL_RUNS + "/" + run, Map.of(), TrainingRun.class);
  }

  /** All of a run. */
  public CheckpointsListResponse listCheckpoints(String run) throws InterruptedException {
    return get(ALL_RUNS + "/" + run + "/checkpoints", Map.of(), CheckpointsListResponse.class);
  }

  /** One page. */
  public CheckpointsListResponse listUserCheckpoints(int limit, int offset) throws InterruptedException {
    return get("/api/v1/checkpoints", page(limit, offset), CheckpointsListResponse.class);
  }

  /** Where the weights can be fetched, and until when. */
  public CheckpointArchiveUrlResponse getCheckpointArchiveUrl(String path) throws InterruptedException {
    Http.Call call =
        Http.Call.of("GET", route(path) + "/archive").headers(Map.of("accept", "application/gzip")).withoutRedirects();
    Http.Answer answer = session.api.send(call);
    String url = answer.headers().get("location");
    if (url == null) {
      throw new TinkerException.Validation("an answer for an archive that does not say where it is");
    }
    return new CheckpointArchiveUrlResponse(url, expires(answer.headers().getOrDefault("expires", "")));
  }

  public void publishCheckpoint(String path) throws InterruptedException {
    act("POST", route(path) + "/publish");
  }

  public void unpublishCheckpoint(String path) throws InterruptedException {
    act("DELETE", route(path) + "/publish");
  }

  /** For good. */
  public void deleteCheckpoint(String path) throws InterruptedException {
    act("DELETE", route(path));
  }

  /** 0.4.1 has no such call. */
  WeightsInfoResponse getWeightsInfo(String path) throws InterruptedException {
    Http.Call call = session.api.post("/api/v1/weights_info", new WeightsInfoRequest(path));
    return session.persist(() -> session.api.ask(call, WeightsInfoResponse.class));
  }

  private <T> T get(String path, Map<String, ?> query, Class<T> response) throws InterruptedException {
    String text = Urls.query(query, Urls.Arrays.REPEAT, Urls.Objects.BRACKETS);
    return session.persist(() -> session.api.ask(Http.Call.of("GET", path).query(text), response));
  }

  private void act(String method, String path) throws InterruptedException {
    session.persist(() -> session.api.send(Http.Call.of(method, path)));
  }

  /** The checkpoint's two segments stand there with their slash. */
  private static String route(String path) {
    TinkerPath parsed = TinkerPath.parse(path);
    return ALL_RUNS + "/" + parsed.run() + "/checkpoints/" + parsed.checkpointId();
  }

  private static Map<String, Integer> page(int limit, int offset) {
    Map<String, Integer> page = new LinkedHashMap<>();
    page.put("limit", limit);
    page.put("offset", offset);
    return page;
  }

  private Instant expires(String said) {
    try {
      return ZonedDateTime.parse(said, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
    } catch (DateTimeException unknown) {
      return Instant.ofEpochSecond((long) session.clock.now() + ARCHIVE_S);
    }
  }
}
