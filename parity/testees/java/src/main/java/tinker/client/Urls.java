package tinker.client;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Addresses and queries. */
public final class Urls {
  /** How lists are written. */
  public enum Arrays {
    COMMA,
    REPEAT,
    INDICES,
    BRACKETS
  }

  /** How the keys of nested objects are written. */
  public enum Objects {
    DOTS,
    BRACKETS
  }

  private Urls() {}

  /** The path behind the base's own; a whole URL stays as it is. */
  public static String join(String base, String path) {
    if (path.startsWith("http://") || path.startsWith("https://")) {
      return path;
    }
    return base.replaceAll("/+$", "") + "/" + path.replaceAll("^/+", "");
  }

  /**
   * Params as the text behind a question mark; null and "" leave their key out.
   *
   * @param params Strings, Numbers, Booleans, Lists and Maps
   * @throws UsageException NESTED
   */
  public static String query(Map<String, ?> params, Arrays arrays, Objects objects) {
    List<String> pairs = new ArrayList<>();
    params.forEach((key, value) -> add(pairs, key, value, arrays, objects));
    return String.join("&", pairs);
  }

  private static void add(List<String> pairs, String key, Object value, Arrays arrays, Objects objects) {
    if (value instanceof Map<?, ?> map) {
      map.forEach((part, item) ->
          add(pairs, objects == Objects.DOTS ? key + "." + part : key + "[" + part + "]", item, arrays, objects));
    } else if (value instanceof List<?> list && arrays == Arrays.COMMA) {
      if (list.stream().anyMatch(item -> item instanceof List || item instanceof Map)) {
        throw new UsageException(UsageException.Kind.NESTED, key + ": commas hold no lists and objects");
      }
      pairs.add(pair(key, list.stream().filter(item -> item != null).map(String::valueOf).collect(Collectors.joining(","))));
    } else if (value instanceof List<?> list) {
      if (arrays == Arrays.INDICES) {
        throw new UsageException(UsageException.Kind.NESTED, key + ": lists are not written with indices");
      }
      list.forEach(item -> add(pairs, arrays == Arrays.REPEAT ? key : key + "[]", item, arrays, objects));
    } else if (value != null && !value.equals("")) {
      pairs.add(pair(key, value.toString()));
    }
  }

  private static String pair(String key, String value) {
    return encode(key) + "=" + encode(value);
  }

  /** As forms do, but that a tilde stays and a star does not. */
  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("%7E", "~").replace("*", "%2A");
  }
}
