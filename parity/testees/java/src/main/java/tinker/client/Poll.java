package tinker.client;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tinker.Future;
import tinker.Future.QueueState;
import tinker.Future.RequestErrorCategory;
import tinker.wire.Codec;
import tinker.wire.Json;
import tinker.wire.WireException;

/** What one answer to retrieve_future means. */
public sealed interface Poll {
  double LONGEST_S = 30;
  double TRY_AGAIN_S = 1;

  /** The result is there. */
  record Done(JsonObject result) implements Poll {}

  /** Ask again, after some seconds; told: whether observers are. */
  record Again(double delay, Optional<QueueState> state, boolean told) implements Poll {}

  /** The server has forgotten the request. */
  record Resubmit() implements Poll {}

  /** The HTTP status is the end of it. */
  record Refused() implements Poll {}

  /** The answer is none. */
  record Invalid(String reason) implements Poll {}

  record Failed(String reason, RequestErrorCategory category) implements Poll {}

  /** No answer came; failures: how many times in a row before. */
  static Poll lost(int failures) {
    return new Again(Retry.growing(1, failures, LONGEST_S), Optional.empty(), false);
  }

  /** An answer; failures: how many like it came in a row before. */
  static Poll decide(int status, byte[] body, int failures, Generation generation) {
    if (status == 200) {
      return said(body, failures, generation);
    } else if (status == 408) {
      return new Again(0, queueState(body, generation), true);
    } else if (status >= 500) {
      return new Again(0, Optional.empty(), false);
    }
    return status == 410 ? new Resubmit() : new Refused();
  }

  private static Optional<QueueState> queueState(byte[] body, Generation generation) {
    try {
      return new Codec(generation.dialect()).decode(Future.FutureTimeout.class, body).queueState().get();
    } catch (WireException nothingToSay) {
      return Optional.empty();
    }
  }

  private static Poll said(byte[] body, int failures, Generation generation) {
    JsonObject object;
    try {
      if (!(Json.parse(body) instanceof JsonObject parsed)) {
        return new Invalid("the answer is no object");
      }
      object = parsed;
    } catch (WireException error) {
      return new Invalid(error.getMessage());
    }
    Codec codec = new Codec(generation.dialect());
    Optional<Poll> enveloped =
        generation.envelopes() ? enveloped(body, object, failures, codec) : Optional.empty();
    return enveloped.orElseGet(() -> bare(object, codec)); // a server may know no envelopes
  }

  /** As tinkex has it; empty where the answer is no envelope. */
  private static Optional<Poll> enveloped(byte[] body, JsonObject object, int failures, Codec codec) {
    Future.FutureRetrieveResponse answer;
    try {
      answer = codec.decode(Future.FutureRetrieveResponse.class, body);
    } catch (WireException error) {
      return Optional.empty();
    }
    if (answer instanceof Future.TryAgainResponse again) {
      double delay = again.retryAfterMs().get().map(ms -> ms / 1000.0).orElse(TRY_AGAIN_S);
      return Optional.of(new Again(delay, Optional.of(again.queueState()), true));
    } else if (answer instanceof Future.FutureFailedResponse failed) {
      Future.FutureError error = failed.error();
      RequestErrorCategory category = error.category().get().orElse(RequestErrorCategory.UNKNOWN);
      return Optional.of(new Failed(error.message().get().orElse(""), category));
    } else if (answer instanceof Future.FuturePendingResponse) {
      return Optional.of(new Again(Retry.growing(1, failures, LONGEST_S), Optional.empty(), false));
    }
    return Optional.of(new Done(((Future.FutureCompletedResponse) answer).result()));
  }

  /** As the SDKs look at it: first at the type, then whether there is an error, and the rest is a result. */
  private static Poll bare(JsonObject object, Codec codec) {
    if (text(object, "type").equals(Optional.of("try_again"))) {
      return new Again(0, read(QueueState.class, object, "queue_state", codec), false);
    } else if (object.has("error")) {
      Optional<RequestErrorCategory> category = read(RequestErrorCategory.class, object, "category", codec);
      return new Failed(text(object, "error").orElse(""), category.orElse(RequestErrorCategory.UNKNOWN));
    }
    return new Done(object);
  }

  private static Optional<String> text(JsonObject object, String key) {
    boolean there = object.get(key) instanceof JsonPrimitive value && value.isString();
    return there ? Optional.of(object.get(key).getAsString()) : Optional.empty();
  }

  private static <T> Optional<T> read(Class<T> type, JsonObject object, String key, Codec codec) {
    byte[] value = String.valueOf(object.get(key)).getBytes(StandardCharsets.UTF_8);
    return text(object, key).map(text -> codec.decode(type, value));
  }
}
