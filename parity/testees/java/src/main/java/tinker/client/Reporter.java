package tinker.client;

import com.google.gson.JsonObject;
import java.util.List;
import tinker.Telemetry.Severity;
import tinker.Telemetry.TelemetryEvent;
import tinker.Telemetry.TelemetryResponse;
import tinker.Telemetry.TelemetrySendRequest;
import tinker.wire.Opt;

/** Sends telemetry. Whatever happens to it, nobody else notices; a batch that cannot be sent is lost. */
public final class Reporter {
  static final double FLUSH_EVERY_S = 10;
  private static final double TIMEOUT_S = 5;
  private static final System.Logger LOG = System.getLogger("tinker");

  private final Api api;
  private final Generation generation;
  private final String sessionId;
  private final boolean enabled;
  private final Events events = new Events();
  private final EventQueue queue = new EventQueue();

  Reporter(Api api, Config config, String sessionId) {
    this.api = api;
    this.generation = config.generation();
    this.sessionId = sessionId;
    this.enabled = config.telemetry();
    if (enabled) {
      queue.put(events.started());
    }
  }

  public void event(String name, JsonObject data, Severity severity) {
    if (enabled) {
      queue.put(events.generic(name, data, severity));
    }
  }

  public void exception(Throwable error) {
    if (enabled) {
      queue.put(events.exception(error));
    }
  }

  /** Sends what waits. */
  public void flush() throws InterruptedException {
    for (List<TelemetryEvent> batch = queue.batch(); !batch.isEmpty(); batch = queue.batch()) {
      TelemetrySendRequest request =
          new TelemetrySendRequest(
              batch, System.getProperty("os.name"), generation.sdkVersion(), sessionId, Opt.missing());
      try {
        api.ask(api.post("/api/v1/telemetry", request).timeout(TIMEOUT_S), TelemetryResponse.class);
      } catch (TinkerException lost) {
        LOG.log(System.Logger.Level.WARNING, batch.size() + " telemetry events are lost: " + lost.getMessage());
      }
    }
  }
}
