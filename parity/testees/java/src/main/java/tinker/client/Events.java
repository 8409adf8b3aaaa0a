package tinker.client;

import com.google.gson.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import tinker.Future.RequestErrorCategory;
import tinker.Telemetry.GenericEvent;
import tinker.Telemetry.SessionEndEvent;
import tinker.Telemetry.SessionStartEvent;
import tinker.Telemetry.Severity;
import tinker.Telemetry.TelemetryEvent;
import tinker.Telemetry.UnhandledExceptionEvent;
import tinker.wire.Opt;

/** Makes the telemetry events of one session; each has the next index, from 0. */
public final class Events {
  private final Instant began = now();
  private final AtomicLong next = new AtomicLong();

  public SessionStartEvent started() {
    return new SessionStartEvent(id(), next.getAndIncrement(), Severity.INFO, now());
  }

  /** The duration as Python writes one, as 0.4.1 does. */
  public SessionEndEvent ended() {
    Duration lasted = Duration.between(began, now());
    String duration = String.format(
        Locale.ROOT,
        "%d:%02d:%02d.%06d",
        lasted.toHours(),
        lasted.toMinutesPart(),
        lasted.toSecondsPart(),
        lasted.toNanosPart() / 1000);
    return new SessionEndEvent(duration, id(), next.getAndIncrement(), Severity.INFO, now());
  }

  public GenericEvent generic(String name, JsonObject data, Severity severity) {
    return new GenericEvent(id(), name, next.getAndIncrement(), severity, now(), Opt.of(data));
  }

  /** A user's own error is no crash: it is told as a generic event, and as a warning. */
  public TelemetryEvent exception(Throwable error) {
    Optional<Throwable> blamed = usersError(error);
    if (blamed.isPresent()) {
      JsonObject data = new JsonObject();
      data.addProperty("error_type", error.getClass().getSimpleName());
      data.addProperty("message", String.valueOf(error.getMessage()));
      if (blamed.get() instanceof TinkerException.Status status) {
        data.addProperty("status_code", status.status());
      }
      return generic("user_error", data, Severity.WARNING);
    }
    StringWriter trace = new StringWriter();
    error.printStackTrace(new PrintWriter(trace));
    return new UnhandledExceptionEvent(
        String.valueOf(error.getMessage()),
        error.getClass().getSimpleName(),
        id(),
        next.getAndIncrement(),
        Severity.ERROR,
        now(),
        Opt.of(trace.toString()));
  }

  /** The error, or its cause, that the user is to blame for. */
  private static Optional<Throwable> usersError(Throwable error) {
    for (Throwable each = error; each != null; each = each.getCause()) {
      boolean failed =
          each instanceof TinkerException.RequestFailed request && request.category() == RequestErrorCategory.USER;
      boolean refused = each instanceof TinkerException.Status answer
          && answer.status() >= 400
          && answer.status() < 500
          && answer.status() != 408;
      if (failed || refused) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MICROS);
  }

  private static String id() {
    return UUID.randomUUID().toString();
  }
}
