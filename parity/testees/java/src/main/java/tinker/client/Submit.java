package tinker.client;

import java.util.OptionalDouble;
import java.util.OptionalInt;

/** A whole submit is tried again, on top of the retries of its HTTP calls. */
public final class Submit {
  private static final double LIMIT_S = 300;
  private static final double LONGEST_S = 30;

  private Submit() {}

  /**
   * Seconds until the next try; empty: no more.
   *
   * @param status empty where no answer came
   * @param attempt from 0
   * @param elapsed seconds since the first try
   */
  public static OptionalDouble delay(OptionalInt status, int attempt, double elapsed, Generation generation) {
    boolean again = status.isPresent() ? generation.retries(status.getAsInt()) : generation.retriesConnection();
    if (!again || elapsed >= LIMIT_S) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(Math.min(Retry.growing(1, attempt, LONGEST_S), LIMIT_S - elapsed));
  }
}
