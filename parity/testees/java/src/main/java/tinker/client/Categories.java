package tinker.client;

import com.google.gson.JsonPrimitive;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import tinker.Future.QueueState;
import tinker.Future.RequestErrorCategory;
import tinker.wire.Codec;

/** Words of the service: whose fault a failure was, why a request waits. */
public final class Categories {
  private static final Set<Integer> RETRIED = Set.of(408, 410, 429);

  private Categories() {}

  /** Anything else is unknown; only tinkex folds case. */
  public static RequestErrorCategory parse(String text, Generation generation) {
    return new Codec(generation.dialect()).decode(RequestErrorCategory.class, quoted(text));
  }

  /** Anything else is unknown. */
  public static QueueState queueState(String text, Generation generation) {
    return new Codec(generation.dialect()).decode(QueueState.class, quoted(text));
  }

  private static byte[] quoted(String text) {
    return new JsonPrimitive(text).toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Whether it makes sense to ask again: not where the user is to blame. Status 0: there is none. */
  public static boolean retryable(RequestErrorCategory category, int status) {
    boolean refused = status >= 400 && status < 500 && !RETRIED.contains(status);
    return category != RequestErrorCategory.USER && !refused;
  }
}
