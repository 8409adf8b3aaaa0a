package testee;

import com.google.gson.JsonArray;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tinker.client.Clock;

/** Nobody sleeps; what would have been slept is noted, and time goes on by that and by nothing else. Unless it is real. */
final class NotedClock implements Clock {
  private static final long LOOK_MS = 5;

  private final JsonArray slept = new JsonArray();
  private final boolean real;
  private double ahead;

  NotedClock(boolean real) {
    this.real = real;
  }

  @Override
  public synchronized double now() {
    return System.currentTimeMillis() / 1000.0 + ahead;
  }

  @Override
  public synchronized double passed() {
    return real ? Clock.SYSTEM.passed() : ahead;
  }

  @Override
  public void sleep(double seconds) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    synchronized (this) {
      slept.add(seconds);
      ahead += real ? 0 : seconds;
    }
    if (real) {
      Clock.SYSTEM.sleep(seconds);
    }
  }

  /** By the real time, too, for who waits for an answer that does not come. */
  @Override
  public <T> T await(Future<T> future, double seconds)
      throws InterruptedException, ExecutionException, TimeoutException {
    double until = passed() + seconds;
    long end = System.nanoTime() + (long) (seconds * 1e9);
    while (true) {
      try {
        return future.get(LOOK_MS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException notYet) {
        if (passed() >= until || System.nanoTime() >= end) {
          throw notYet;
        }
      }
    }
  }

  synchronized JsonArray slept() {
    return slept.deepCopy();
  }
}
