package tinker.wire;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** JSON text to elements, without losing a digit and without letting bad text through. */
public final class Json {
  private static final int MAX_DEPTH = 100;

  private Json() {}

  /**
   * Reads exactly one JSON text; numbers become BigDecimal. A key that stands twice, invalid UTF-8, half a surrogate
   * pair, and a byte order mark are errors.
   */
  public static JsonElement parse(byte[] data) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(data)).toString();
    } catch (CharacterCodingException error) {
      throw new WireException("$", "not UTF-8");
    }
    if (text.startsWith("\ufeff")) {
      throw new WireException("$", "a byte order mark");
    }
    JsonReader reader = new JsonReader(new StringReader(text));
    reader.setStrictness(Strictness.STRICT);
    reader.setNestingLimit(MAX_DEPTH);
    try {
      JsonElement element = read(reader);
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new WireException("$", "text after the JSON value");
      }
      return element;
    } catch (IOException | NumberFormatException error) {
      String reason = String.valueOf(error.getMessage()).lines().findFirst().orElse("not JSON");
      throw new WireException(reader.getPath(), reason);
    }
  }

  private static JsonElement read(JsonReader reader) throws IOException {
    switch (reader.peek()) {
      case BEGIN_OBJECT:
        JsonObject object = new JsonObject();
        reader.beginObject();
        while (reader.hasNext()) {
          String key = wellFormed(reader, reader.nextName());
          if (object.has(key)) {
            throw new WireException(reader.getPath(), "the key stands twice");
          }
          object.add(key, read(reader));
        }
        reader.endObject();
        return object;
      case BEGIN_ARRAY:
        JsonArray array = new JsonArray();
        reader.beginArray();
        while (reader.hasNext()) {
          array.add(read(reader));
        }
        reader.endArray();
        return array;
      case STRING:
        return new JsonPrimitive(wellFormed(reader, reader.nextString()));
      case NUMBER:
        return new JsonPrimitive(new BigDecimal(reader.nextString()));
      case BOOLEAN:
        return new JsonPrimitive(reader.nextBoolean());
      case NULL:
        reader.nextNull();
        return JsonNull.INSTANCE;
      default:
        throw new MalformedJsonException("unexpected " + reader.peek());
    }
  }

  private static String wellFormed(JsonReader reader, String text) {
    if (text.codePoints().anyMatch(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE)) {
      throw new WireException(reader.getPath(), "half a surrogate pair");
    }
    return text;
  }
}
