package tinker.wire;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Reads and writes messages of one dialect, by the annotations of {@link Rules}. */
public final class Codec {
  final Dialect dialect;

  public Codec(Dialect dialect) {
    this.dialect = dialect;
  }

  /** The message in a JSON text; throws WireException. */
  public <T> T decode(Class<T> message, byte[] data) {
    return message.cast(decode("$", Json.parse(data), message));
  }

  /** The JSON of a message. */
  public JsonElement encode(Object value) {
    if (value == null) {
      return JsonNull.INSTANCE;
    } else if (value instanceof Opt<?> opt) {
      return encode(opt.value());
    } else if (value instanceof JsonElement element) {
      return element;
    } else if (value instanceof List<?> list) {
      return Values.array(list.stream().map(this::encode));
    } else if (value instanceof Map<?, ?> map) {
      JsonObject object = new JsonObject();
      map.forEach((key, item) -> object.add((String) key, encode(item)));
      return object;
    } else if (value instanceof Record message) {
      return Messages.encode(message, this);
    } else if (value instanceof Enum<?> constant) {
      return new JsonPrimitive(Enums.name(constant));
    }
    return Values.encode(value);
  }

  Object decode(String path, JsonElement json, Type type) {
    if (type instanceof ParameterizedType generic) {
      Type item = generic.getActualTypeArguments()[generic.getActualTypeArguments().length - 1];
      if (generic.getRawType() == Opt.class) { // inside a list: null is an item like any other
        return json.isJsonNull() ? Opt.ofNull() : Opt.of(decode(path, json, item));
      } else if (generic.getRawType() == List.class) {
        return Values.list(path, json, (at, element) -> decode(at, element, item));
      }
      return Values.map(path, json, (at, element) -> decode(at, element, item));
    }
    Class<?> plain = (Class<?>) type;
    if (plain.isSealed()) {
      return Unions.decode(path, json, plain, this);
    } else if (plain.isRecord()) {
      return Messages.decode(path, json, plain, this);
    } else if (plain.isEnum()) {
      return Enums.decode(path, json, plain, dialect);
    } else if (plain == Instant.class) {
      return Times.decode(path, json);
    }
    return Values.decode(path, json, plain);
  }
}
