package tinker.client;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** All samples of one tenant wait after a 429. */
public final class RateLimit {
  private static final double STEP_S = 1;

  private final Clock clock;
  private final boolean stepwise;
  private double until;

  /** stepwise: who waits looks again every second, as the SDKs do; else it waits all of it at once. */
  RateLimit(Clock clock, boolean stepwise) {
    this.clock = clock;
    this.stepwise = stepwise;
  }

  /** From now on; never shortens a pause. */
  synchronized void pause(double seconds) {
    until = Math.max(until, clock.passed() + seconds);
  }

  /** Until the pause is over. */
  void await() throws InterruptedException {
    for (double left = left(); left > 0; left = left()) {
      clock.sleep(stepwise ? STEP_S : left);
    }
  }

  private synchronized double left() {
    return until - clock.passed();
  }

  /** One for each base URL and key, of all clients that are given the same. */
  public static final class Shared {
    private final Clock clock;
    private final Map<Config.Tenant, RateLimit> limits = new ConcurrentHashMap<>();

    public Shared(Clock clock) {
      this.clock = clock;
    }

    RateLimit of(Config.Tenant tenant) {
      return limits.computeIfAbsent(tenant, key -> new RateLimit(clock, false));
    }
  }
}
