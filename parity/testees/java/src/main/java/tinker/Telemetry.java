package tinker;

import com.google.gson.JsonObject;
import com.google.gson.annotations.SerializedName;
import java.time.Instant;
import java.util.List;
import tinker.wire.Opt;
import tinker.wire.Presence;
import tinker.wire.Rules.Default;
import tinker.wire.Rules.IgnoreUnknown;
import tinker.wire.Rules.In;
import tinker.wire.Rules.Literal;
import tinker.wire.Rules.Only;
import tinker.wire.Rules.Union;

/** What clients report about themselves. eventSessionIndex counts from 0. */
public interface Telemetry {
  record TelemetrySendRequest(
      List<TelemetryEvent> events,
      String platform,
      String sdkVersion,
      String sessionId,
      @Only(Dialects.V038) Opt<String> processUuid) {}

  @Literal(key = "status", value = "accepted", required = true)
  @IgnoreUnknown
  record TelemetryResponse() {}

  @Union(tag = "event")
  sealed interface TelemetryEvent permits SessionStartEvent, SessionEndEvent, UnhandledExceptionEvent, GenericEvent {}

  @Literal(key = "event", value = "SESSION_START", required = true)
  @IgnoreUnknown
  record SessionStartEvent(String eventId, long eventSessionIndex, Severity severity, Instant timestamp)
      implements TelemetryEvent {}

  /** duration as Python prints it: "0:00:13.557000". */
  @Literal(key = "event", value = "SESSION_END", required = true)
  @IgnoreUnknown
  record SessionEndEvent(String duration, String eventId, long eventSessionIndex, Severity severity, Instant timestamp)
      implements TelemetryEvent {}

  @Literal(key = "event", value = "UNHANDLED_EXCEPTION", required = true)
  @IgnoreUnknown
  record UnhandledExceptionEvent(
      String errorMessage,
      String errorType,
      String eventId,
      long eventSessionIndex,
      Severity severity,
      Instant timestamp,
      @In(Presence.OMIT_OR_NULL) Opt<String> traceback)
      implements TelemetryEvent {}

  @Literal(key = "event", value = "GENERIC_EVENT", required = true)
  @IgnoreUnknown
  record GenericEvent(
      String eventId,
      String eventName,
      long eventSessionIndex,
      Severity severity,
      Instant timestamp,
      @Default("{}") Opt<JsonObject> eventData)
      implements TelemetryEvent {}

  enum Severity {
    @SerializedName("DEBUG") DEBUG,
    @SerializedName("INFO") INFO,
    @SerializedName("WARNING") WARNING,
    @SerializedName("ERROR") ERROR,
    @SerializedName("CRITICAL") CRITICAL
  }
}
