package tinker.client;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;
import tinker.wire.Times;

/** Sizes and times as a command line shows them to people. Source: tinker.md section 3.11. */
public final class People {
  private static final String[] UNITS = {"KB", "MB", "GB", "TB", "PB"};

  private People() {}

  /** A number of bytes: "2.0 KB". */
  public static String size(long bytes) {
    if (bytes < 0) {
      return "N/A";
    }
    if (bytes < 1024) {
      return bytes + " B";
    }
    double left = bytes / 1024.0;
    for (String unit : UNITS) {
      if (left < 1024) {
        return oneDigit(left) + " " + unit;
      }
      left /= 1024;
    }
    return oneDigit(left) + " EB";
  }

  /** How long ago something was, up to 30 days; else the day. What is no time is shown as it is. */
  public static String ago(String text, Instant now) {
    if (text.isEmpty()) {
      return "N/A";
    }
    Optional<Instant> then = Times.parse(text);
    if (then.isEmpty()) {
      return text;
    }
    Duration past = Duration.between(then.get(), now);
    long days = past.toDays();
    if (past.isNegative()) {
      return "just now";
    } else if (days > 30) {
      return LocalDate.ofInstant(then.get(), ZoneOffset.UTC).toString();
    } else if (days > 7) {
      return count(days / 7, "week");
    } else if (days > 0) {
      return count(days, "day");
    } else if (past.compareTo(Duration.ofHours(1)) > 0) {
      return count(past.toHours(), "hour");
    } else if (past.compareTo(Duration.ofMinutes(1)) > 0) {
      return count(past.toMinutes(), "minute");
    }
    return "just now";
  }

  private static String count(long number, String unit) {
    return number + " " + unit + (number > 1 ? "s" : "") + " ago";
  }

  /** String.format rounds ties up, where all other languages round the exact value to even. */
  private static String oneDigit(double value) {
    return new BigDecimal(value).setScale(1, RoundingMode.HALF_EVEN).toPlainString();
  }
}
