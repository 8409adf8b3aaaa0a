package tinker.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Named checks of a test program, with what went wrong in each. */
final class Checks {
  /** What is checked. */
  interface Body {
    void run() throws Exception;
  }

  private final List<String> failed = new ArrayList<>();

  void check(String name, Body body) {
    try {
      body.run();
      System.out.println("ok      " + name);
    } catch (Exception | AssertionError error) {
      failed.add(name);
      System.out.println("FAILED  " + name + ": " + error);
    }
  }

  static void equal(Object expected, Object got) {
    if (!Objects.equals(expected, got)) {
      throw new AssertionError("expected " + expected + ", got " + got);
    }
  }

  /** The refusal that something ends with. */
  static UsageException.Kind refused(Body body) throws Exception {
    try {
      body.run();
    } catch (UsageException refusal) {
      return refusal.kind();
    }
    throw new AssertionError("it was not refused");
  }

  /** Exit 1 when a check failed. */
  void exit() {
    System.exit(failed.isEmpty() ? 0 : 1);
  }
}
