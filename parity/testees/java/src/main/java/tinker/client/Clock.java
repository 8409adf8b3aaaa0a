package tinker.client;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Time as a parameter, so that what depends on it can be told. All in seconds. */
public interface Clock {
  Clock SYSTEM = new Clock() {
    @Override
    public double now() {
      return System.currentTimeMillis() / 1000.0;
    }

    @Override
    public double passed() {
      return System.nanoTime() / 1e9;
    }

    @Override
    public void sleep(double seconds) throws InterruptedException {
      TimeUnit.NANOSECONDS.sleep((long) (seconds * 1e9));
    }

    @Override
    public <T> T await(Future<T> future, double seconds)
        throws InterruptedException, ExecutionException, TimeoutException {
      return future.get((long) (seconds * 1e9), TimeUnit.NANOSECONDS);
    }
  };

  /** Since 1970. */
  double now();

  /** Since some point, never backwards. */
  double passed();

  /** What retries, backoff and queues wait; the heartbeat and telemetry do not ask here. */
  void sleep(double seconds) throws InterruptedException;

  /** The future's result, if it is there in time. */
  <T> T await(Future<T> future, double seconds) throws InterruptedException, ExecutionException, TimeoutException;
}
