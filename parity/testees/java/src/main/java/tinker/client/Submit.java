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

  /** What is tried. */
  public interface Act<T> {
    T run() throws InterruptedException;
  }

  /** Is told of each failure, which attempt it was, and whether there will be another. */
  interface Told {
    void failed(TinkerException error, int attempt, boolean again);
  }

  /** Tries until it works, or makes no sense any more: then throws the last error. */
  static <T> T persist(Act<T> act, Generation generation, Clock clock, Told told) throws InterruptedException {
    double began = clock.passed();
    for (int attempt = 0; ; attempt++) {
      OptionalDouble delay;
      try {
        return act.run();
      } catch (TinkerException.Status | TinkerException.Connection | TinkerException.Timeout error) {
        OptionalInt status =
            error instanceof TinkerException.Status answer ? OptionalInt.of(answer.status()) : OptionalInt.empty();
        delay = delay(status, attempt, clock.passed() - began, generation);
        told.failed(error, attempt, delay.isPresent());
        if (delay.isEmpty()) {
          throw error;
        }
      }
      clock.sleep(delay.getAsDouble());
    }
  }
}
