package tinker.wire;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Points in time: read from ISO 8601 (without a zone it is UTC) or from seconds since 1970, written as RFC 3339. */
public final class Times {
  private static final Pattern ISO_8601 =
      Pattern.compile("(\\d{4}-\\d\\d-\\d\\d)[Tt ](\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,9})?)([Zz]|[+-]\\d\\d:?\\d\\d)?");
  private static final DateTimeFormatter STRICT =
      DateTimeFormatter.ISO_LOCAL_DATE_TIME.withResolverStyle(ResolverStyle.STRICT);
  private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
  private static final Instant END = Instant.parse("+10000-01-01T00:00:00Z");

  private Times() {}

  /** ISO 8601 of the years 1 to 9999; empty for anything else. */
  public static Optional<Instant> parse(String text) {
    try {
      return Optional.of(fromText(text)).filter(time -> !time.isBefore(FIRST) && time.isBefore(END));
    } catch (DateTimeException error) {
      return Optional.empty();
    }
  }

  static Instant decode(String path, JsonElement json) {
    try {
      boolean number = json instanceof JsonPrimitive primitive && primitive.isNumber();
      Instant time = number ? fromSeconds(json.getAsBigDecimal()) : fromText(Values.string(path, json));
      if (!time.isBefore(FIRST) && time.isBefore(END)) {
        return time;
      }
    } catch (DateTimeException | ArithmeticException error) {
      // falls through
    }
    throw Values.refused(path, "a time of the years 1 to 9999", json);
  }

  /** With 0, 3, 6 or 9 digits of a second. */
  static String format(Instant time) {
    return DateTimeFormatter.ISO_INSTANT.format(time);
  }

  private static Instant fromSeconds(BigDecimal seconds) {
    if (seconds.precision() - seconds.scale() > 12) {
      throw new DateTimeException("too large");
    }
    BigInteger nanos = seconds.movePointRight(9).setScale(0, RoundingMode.DOWN).toBigIntegerExact();
    return Instant.ofEpochSecond(0).plusSeconds(nanos.divide(BigInteger.valueOf(1_000_000_000)).longValueExact())
        .plusNanos(nanos.remainder(BigInteger.valueOf(1_000_000_000)).longValueExact());
  }

  private static Instant fromText(String text) {
    Matcher parts = ISO_8601.matcher(text);
    if (!parts.matches()) {
      throw new DateTimeException("not ISO 8601");
    }
    String zone = parts.group(3) == null ? "Z" : parts.group(3).toUpperCase();
    return LocalDateTime.parse(parts.group(1) + "T" + parts.group(2), STRICT).toInstant(ZoneOffset.of(zone));
  }
}
