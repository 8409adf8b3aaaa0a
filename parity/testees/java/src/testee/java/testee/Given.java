package testee;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tinker.client.Config;
import tinker.client.Generation;
import tinker.wire.Codec;

/** What a case gives, as plain Java. */
final class Given {
  private Given() {}

  static Codec codec(Generation generation) {
    return new Codec(generation.dialect());
  }

  static <T> T message(Class<T> type, JsonElement json, Generation generation) {
    return codec(generation).decode(type, bytes(json));
  }

  /** The JSON text of a value; none where there is no value. */
  static byte[] bytes(JsonElement json) {
    return json == null ? new byte[0] : json.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Lists, Maps, Strings, Booleans, null, and Numbers. */
  static Object plain(JsonElement json) {
    if (json instanceof JsonArray array) {
      List<Object> list = new ArrayList<>();
      array.forEach(item -> list.add(plain(item)));
      return list;
    } else if (json instanceof JsonObject object) {
      Map<String, Object> map = new LinkedHashMap<>();
      object.asMap().forEach((key, value) -> map.put(key, plain(value)));
      return map;
    } else if (json instanceof JsonPrimitive primitive) {
      return primitive.isString()
          ? primitive.getAsString()
          : primitive.isBoolean() ? (Object) primitive.getAsBoolean() : primitive.getAsBigDecimal();
    }
    return null;
  }

  /** An object of texts; null values stay. */
  static Map<String, String> texts(JsonElement json) {
    Map<String, String> texts = new HashMap<>();
    if (json instanceof JsonObject object) {
      object.asMap().forEach((key, value) -> texts.put(key, value.isJsonNull() ? null : value.getAsString()));
    }
    return texts;
  }

  /** The settings that a case tells; others come from `env`. */
  static Config.Builder config(JsonObject told, Map<String, String> env, Generation generation) {
    Config.Builder config = Config.builder(generation, env);
    told.asMap().forEach((name, value) -> {
      if (value.isJsonNull()) {
        return;
      }
      switch (name) {
        case "base_url" -> config.baseUrl(value.getAsString());
        case "api_key" -> config.apiKey(value.getAsString());
        case "timeout_s" -> config.timeoutSeconds(value.getAsDouble());
        case "max_retries" -> config.maxRetries(value.getAsInt());
        case "headers" -> config.headers(texts(value));
        case "user_metadata" -> config.userMetadata(texts(value));
        case "tags" -> config.tags(value.getAsJsonArray().asList().stream().map(JsonElement::getAsString).toList());
        case "telemetry" -> config.telemetry(value.getAsBoolean());
        default -> {}
      }
    });
    return config;
  }
}
