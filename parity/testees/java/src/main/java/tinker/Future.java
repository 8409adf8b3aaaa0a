package tinker;

import com.google.gson.JsonObject;
import com.google.gson.annotations.SerializedName;
import java.util.List;
import tinker.wire.Opt;
import tinker.wire.Presence;
import tinker.wire.Rules.Default;
import tinker.wire.Rules.IgnoreUnknown;
import tinker.wire.Rules.In;
import tinker.wire.Rules.Inline;
import tinker.wire.Rules.Literal;
import tinker.wire.Rules.Only;
import tinker.wire.Rules.Tolerant;
import tinker.wire.Rules.Union;

/** Answers to the question whether a result is ready. */
public interface Future {
  @Union
  sealed interface FutureRetrieveResponse
      permits TryAgainResponse,
          FutureMetadata,
          FuturePendingResponse,
          FutureCompletedResponse,
          FutureFailedResponse,
          RequestFailedResponse,
          Result {}

  /** Not ready. retryAfterMs in milliseconds. */
  @Literal(value = "try_again", required = true)
  @IgnoreUnknown
  record TryAgainResponse(
      @In(dialect = Dialects.TINKEX, value = Presence.OMIT) Opt<String> requestId,
      QueueState queueState,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<String> queueStateReason,
      @In(Presence.OMIT) @Only(Dialects.TINKEX) Opt<Long> retryAfterMs)
      implements FutureRetrieveResponse {}

  /** Body of HTTP 408. */
  @IgnoreUnknown
  record FutureTimeout(
      @In(Presence.OMIT_OR_NULL) Opt<QueueState> queueState,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<String> queueStateReason) {}

  /** Ready, and this large, in bytes. */
  @Literal(key = "status", value = "complete_metadata", required = true)
  @IgnoreUnknown
  @Only(Dialects.V038)
  record FutureMetadata(@Default("0") Opt<Long> responsePayloadSize) implements FutureRetrieveResponse {}

  /** A failure as the SDKs know it. */
  @IgnoreUnknown
  @Only({Dialects.V041, Dialects.V038})
  record RequestFailedResponse(String error, @Default("\"unknown\"") Opt<RequestErrorCategory> category)
      implements FutureRetrieveResponse {}

  /** A bare result; only the request tells its type. */
  @Inline
  @Only({Dialects.V041, Dialects.V038})
  record Result(JsonObject result) implements FutureRetrieveResponse {}

  @Literal(key = "status", value = "pending", required = true)
  @IgnoreUnknown
  @Only(Dialects.TINKEX)
  record FuturePendingResponse() implements FutureRetrieveResponse {}

  @Literal(key = "status", value = "completed", required = true)
  @IgnoreUnknown
  @Only(Dialects.TINKEX)
  record FutureCompletedResponse(JsonObject result) implements FutureRetrieveResponse {}

  @Literal(key = "status", value = "failed", required = true)
  @IgnoreUnknown
  @Only(Dialects.TINKEX)
  record FutureFailedResponse(FutureError error) implements FutureRetrieveResponse {}

  @IgnoreUnknown
  record FutureError(
      @In(Presence.OMIT_OR_NULL) Opt<String> message, @Default("\"unknown\"") Opt<RequestErrorCategory> category) {}

  /** Whose fault it was. */
  @Tolerant(fallback = "unknown", ignoreCaseIn = Dialects.TINKEX)
  enum RequestErrorCategory {
    @SerializedName("unknown") UNKNOWN,
    @SerializedName("server") SERVER,
    @SerializedName("user") USER
  }

  /** Why the server does not work on a request yet. */
  @Tolerant(fallback = "unknown")
  enum QueueState {
    @SerializedName("unknown") UNKNOWN,
    @SerializedName("active") ACTIVE,
    @SerializedName("paused_capacity") PAUSED_CAPACITY,
    @SerializedName("paused_rate_limit") PAUSED_RATE_LIMIT
  }

  /** A promise: what asks for the result. */
  @IgnoreUnknown
  record UntypedAPIFuture(
      String requestId,
      @In(Presence.OMIT_OR_NULL) Opt<String> modelId,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<List<String>> sampleSequenceIds) {}

  record FutureRetrieveRequest(
      String requestId, @Default("false") @Only(Dialects.V038) Opt<Boolean> allowMetadataOnly) {}
}
