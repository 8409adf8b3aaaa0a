package tinker.client;

import java.util.Map;

/** Waiting after a 429 of a sample, and retries around a whole sample. */
public final class Backoff {
  private static final double PAUSE_S = 1;
  private static final double FIRST_S = 0.5;
  private static final double LONGEST_S = 10;
  private static final double JITTER = 0.25;

  private Backoff() {}

  /** Seconds for which all of one tenant wait; 0: not because of this answer. */
  public static double pause(int status, Map<String, String> headers, double now, Generation generation) {
    if (status != 429) {
      return 0;
    }
    double said = generation.envelopes() ? Retry.retryAfter(headers, now).orElse(0) : 0;
    return said > 0 ? said : PAUSE_S;
  }

  /** Seconds before a sample is tried again as a whole; `random` spreads it by a quarter both ways. */
  public static double retryDelay(int attempt, double random) {
    double delay = Retry.growing(FIRST_S, attempt, LONGEST_S) * (1 + JITTER * (2 * random - 1));
    return Math.max(0, Math.min(delay, LONGEST_S));
  }
}
