package tinker.client;

import java.util.function.Consumer;
import tinker.Future.QueueState;

/** Tells people why nothing goes on, once a minute at most. */
final class QueueLog implements Consumer<QueueState> {
  private static final double EVERY_S = 60;
  private static final System.Logger LOG = System.getLogger("tinker");

  private final String subject;
  private final String limit;
  private final Clock clock;
  private double next = Double.NEGATIVE_INFINITY;

  QueueLog(String subject, String limit, Clock clock) {
    this.subject = subject;
    this.limit = limit;
    this.clock = clock;
  }

  @Override
  public synchronized void accept(QueueState state) {
    if (state == QueueState.ACTIVE || clock.passed() < next) {
      return;
    }
    next = clock.passed() + EVERY_S;
    String reason = switch (state) {
      case PAUSED_RATE_LIMIT -> limit + " rate limit hit";
      case PAUSED_CAPACITY -> "out of capacity";
      default -> "unknown";
    };
    LOG.log(System.Logger.Level.WARNING, subject + " is paused. Reason: " + reason);
  }
}
