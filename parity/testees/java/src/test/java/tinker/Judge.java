package tinker;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import tinker.wire.Codec;
import tinker.wire.Dialect;
import tinker.wire.Json;
import tinker.wire.WireException;

/** What this client makes of one fixture. */
final class Judge {
  private Judge() {}

  /** Reads the fixture as a message in a dialect, writes it again, and compares; tells what went wrong. */
  static Optional<String> judge(Corpus.Fixture fixture, Class<?> message, Dialect dialect) {
    return failure(fixture, message, dialect).map(failure -> failure + " (" + fixture.why() + ")");
  }

  private static Optional<String> failure(Corpus.Fixture fixture, Class<?> message, Dialect dialect) {
    Codec codec = new Codec(dialect);
    String written;
    try {
      written = codec.encode(codec.decode(message, fixture.input())).toString();
    } catch (WireException error) {
      return fixture.expect().equals("reject")
          ? Optional.empty()
          : Optional.of("expected it to be read, got the error " + error.getMessage());
    }
    if (fixture.expect().equals("reject")) {
      return Optional.of(fixture.path() + ": expected it to be refused, got " + written);
    }
    byte[] wanted =
        fixture.expect().equals("accept") ? fixture.input() : fixture.becomes().getBytes(StandardCharsets.UTF_8);
    return difference("$", Json.parse(wanted), Json.parse(written.getBytes(StandardCharsets.UTF_8)));
  }

  /** Where two values first differ, by the rules of the corpus. A missing key is null here, and null is JsonNull. */
  static Optional<String> difference(String path, JsonElement expected, JsonElement got) {
    if (expected instanceof JsonObject left && got instanceof JsonObject right) {
      Set<String> keys = new LinkedHashSet<>(left.keySet());
      keys.addAll(right.keySet());
      return keys.stream()
          .flatMap(key -> difference(path + "." + key, left.get(key), right.get(key)).stream())
          .findFirst();
    } else if (expected instanceof JsonArray left && got instanceof JsonArray right && left.size() == right.size()) {
      return IntStream.range(0, left.size())
          .boxed()
          .flatMap(index -> difference(path + "[" + index + "]", left.get(index), right.get(index)).stream())
          .findFirst();
    }
    boolean equal =
        isNumber(expected) && isNumber(got)
            ? expected.getAsBigDecimal().compareTo(got.getAsBigDecimal()) == 0
            : expected != null && !isNumber(expected) && expected.equals(got);
    return equal ? Optional.empty() : Optional.of(path + ": expected " + show(expected) + ", got " + show(got));
  }

  private static boolean isNumber(JsonElement element) {
    return element instanceof JsonPrimitive primitive && primitive.isNumber();
  }

  private static String show(JsonElement element) {
    return element == null ? "nothing" : element.toString();
  }
}
