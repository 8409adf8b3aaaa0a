package tinker.wire;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/** Scalars, lists and maps. */
final class Values {
  private Values() {}

  static WireException refused(String path, String expected, JsonElement got) {
    String text = String.valueOf(got);
    String shown = text.length() > 60 ? text.substring(0, 60) + "…" : text;
    return new WireException(path, "expected " + expected + ", got " + shown);
  }

  static JsonObject object(String path, JsonElement json) {
    if (json instanceof JsonObject object) {
      return object;
    }
    throw refused(path, "an object", json);
  }

  static String string(String path, JsonElement json) {
    if (json instanceof JsonPrimitive primitive && primitive.isString()) {
      return primitive.getAsString();
    }
    throw refused(path, "a string", json);
  }

  static BigDecimal number(String path, JsonElement json) {
    if (json instanceof JsonPrimitive primitive && primitive.isNumber()) {
      return primitive.getAsBigDecimal();
    }
    throw refused(path, "a number", json);
  }

  static List<Object> list(String path, JsonElement json, BiFunction<String, JsonElement, Object> item) {
    if (!(json instanceof JsonArray array)) {
      throw refused(path, "a list", json);
    }
    List<Object> made = new ArrayList<>();
    for (JsonElement element : array) {
      made.add(item.apply(path + "[" + made.size() + "]", element));
    }
    return made;
  }

  static Map<String, Object> map(String path, JsonElement json, BiFunction<String, JsonElement, Object> item) {
    Map<String, Object> made = new LinkedHashMap<>();
    object(path, json).asMap().forEach((key, element) -> made.put(key, item.apply(path + "." + key, element)));
    return made;
  }

  static JsonArray array(Stream<JsonElement> items) {
    JsonArray array = new JsonArray();
    items.forEach(array::add);
    return array;
  }

  static Object decode(String path, JsonElement json, Class<?> type) {
    if (type == JsonElement.class) {
      return json;
    } else if (type == JsonObject.class) {
      return object(path, json);
    } else if (type == String.class) {
      return string(path, json);
    } else if (type == byte[].class) {
      return base64(path, json);
    } else if (type == Boolean.class || type == boolean.class) {
      if (json instanceof JsonPrimitive primitive && primitive.isBoolean()) {
        return primitive.getAsBoolean();
      }
      throw refused(path, "true or false", json);
    } else if (type == Double.class || type == double.class) {
      double value = number(path, json).doubleValue();
      if (Double.isInfinite(value)) {
        throw refused(path, "a finite number", json);
      }
      return value;
    }
    BigDecimal number = number(path, json);
    int bits = type == Long.class || type == long.class ? 64 : 32;
    if (number.scale() != 0 || number.unscaledValue().bitLength() >= bits) { // the scale of 3.0 is 1
      throw refused(path, "an integer of " + bits + " bits", json);
    }
    BigInteger exact = number.unscaledValue();
    return bits == 64 ? (Object) exact.longValue() : (Object) exact.intValue();
  }

  static JsonElement encode(Object value) {
    if (value instanceof byte[] data) {
      return new JsonPrimitive(Base64.getEncoder().encodeToString(data));
    } else if (value instanceof Instant time) {
      return new JsonPrimitive(Times.format(time));
    } else if (value instanceof Boolean flag) {
      return new JsonPrimitive(flag);
    } else if (value instanceof Double number) {
      return new JsonPrimitive(shortest(number));
    } else if (value instanceof Number number) {
      return new JsonPrimitive(number);
    }
    return new JsonPrimitive((String) value);
  }

  /** Double.toString writes two digits at least, even where one tells the number: 4.9E-324 for 5E-324. */
  private static BigDecimal shortest(double value) {
    BigDecimal digit = new BigDecimal(value).round(new MathContext(1));
    return digit.doubleValue() == value ? digit : new BigDecimal(Double.toString(value));
  }

  /** The standard alphabet with padding; Java's decoder takes it without padding, too. */
  private static byte[] base64(String path, JsonElement json) {
    String text = string(path, json);
    try {
      byte[] data = Base64.getDecoder().decode(text);
      if (Base64.getEncoder().encodeToString(data).equals(text)) {
        return data;
      }
    } catch (IllegalArgumentException error) {
      // falls through
    }
    throw refused(path, "base64", json);
  }
}
