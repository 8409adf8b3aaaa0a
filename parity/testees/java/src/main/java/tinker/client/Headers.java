package tinker.client;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Headers of one call: the client's own, the user's, the call's. */
public final class Headers {
  private Headers() {}

  /** Later ones win, without regard to case; null removes. Names in lower case. */
  public static Map<String, String> merge(List<Map<String, String>> layers) {
    Map<String, String> merged = new LinkedHashMap<>();
    for (Map<String, String> layer : layers) {
      layer.forEach((name, value) -> merged.put(name.toLowerCase(Locale.ROOT), value));
    }
    merged.values().removeIf(value -> value == null);
    return merged;
  }

  /** Of every call of a client. */
  static Map<String, String> own(Config config) {
    String agent = config.generation().envelopes() ? "Tinkex/Java " : "AsyncTinker/Java ";
    Map<String, String> own = new LinkedHashMap<>();
    own.put("accept", "application/json");
    own.put("accept-encoding", "gzip");
    own.put("user-agent", agent + config.generation().sdkVersion());
    own.put("x-stainless-package-version", config.generation().sdkVersion());
    own.put("x-stainless-os", System.getProperty("os.name"));
    own.put("x-stainless-arch", System.getProperty("os.arch"));
    own.put("x-stainless-runtime", "Java");
    own.put("x-stainless-runtime-version", System.getProperty("java.version"));
    own.put("x-stainless-async", "async:executor");
    own.put("x-api-key", config.apiKey());
    return own;
  }
}
