package tinker.client;

import java.util.concurrent.ExecutionException;

/** What went wrong in another thread. */
final class Failures {
  private Failures() {}

  static RuntimeException of(ExecutionException failed) throws InterruptedException {
    if (failed.getCause() instanceof InterruptedException given) {
      throw given;
    }
    return failed.getCause() instanceof RuntimeException error ? error : new IllegalStateException(failed.getCause());
  }
}
