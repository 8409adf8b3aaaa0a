package tinker.client;

import java.time.DateTimeException;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.OptionalDouble;

/** Which HTTP answers are tried again, and when. */
public final class Retry {
  static final int MAX_RETRIES = 10;
  private static final double FIRST_S = 0.5;
  private static final double LONGEST_S = 10;
  private static final double SERVERS_LONGEST_S = 60;
  private static final double JITTER = 0.25;

  private Retry() {}

  /** Whether an answer is tried again. Header names in lower case. */
  public static boolean decide(int status, Map<String, String> headers, Generation generation) {
    if (status < 400) {
      return false;
    }
    return switch (headers.getOrDefault("x-should-retry", "")) {
      case "true" -> true;
      case "false" -> false;
      default -> generation.retries(status);
    };
  }

  /**
   * Seconds before retry number `retry`, from 0: what the server says, where that is sensible, else longer each time.
   *
   * @param random from 0 to 1, exclusive
   * @param now seconds since 1970
   */
  public static double delay(int retry, Map<String, String> headers, double random, double now) {
    OptionalDouble said = retryAfter(headers, now);
    if (said.isPresent() && said.getAsDouble() > 0 && said.getAsDouble() <= SERVERS_LONGEST_S) {
      return said.getAsDouble();
    }
    return growing(FIRST_S, retry, LONGEST_S) * (1 - JITTER * random);
  }

  /** Twice as long each time, from 0. */
  static double growing(double first, int time, double longest) {
    return Math.min(first * Math.pow(2, Math.min(time, 64)), longest);
  }

  /** Seconds for which the server asks; empty where it does not, or says what cannot be read. */
  static OptionalDouble retryAfter(Map<String, String> headers, double now) {
    OptionalDouble millis = number(headers.get("retry-after-ms"));
    if (millis.isPresent()) {
      return OptionalDouble.of(millis.getAsDouble() / 1000);
    }
    String said = headers.get("retry-after");
    OptionalDouble seconds = number(said);
    if (said == null || seconds.isPresent()) {
      return seconds;
    }
    try {
      ZonedDateTime date = ZonedDateTime.parse(said.strip(), DateTimeFormatter.RFC_1123_DATE_TIME);
      return OptionalDouble.of(date.toEpochSecond() - now);
    } catch (DateTimeException noDate) {
      return OptionalDouble.empty();
    }
  }

  private static OptionalDouble number(String text) {
    try {
      return text == null ? OptionalDouble.empty() : OptionalDouble.of(Double.parseDouble(text));
    } catch (NumberFormatException noNumber) {
      return OptionalDouble.empty();
    }
  }
}
