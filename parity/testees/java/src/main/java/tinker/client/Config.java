package tinker.client;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a client is told. Nothing is shared between clients, so that several keys work side by side.
 *
 * @param maxRetries of one HTTP call, besides the first try
 * @param headers the user's own; a value null removes one of the client's
 */
public record Config(
    Generation generation,
    String baseUrl,
    String apiKey,
    double timeoutSeconds,
    int maxRetries,
    List<String> tags,
    Map<String, String> headers,
    Map<String, String> userMetadata,
    boolean telemetry) {
  static final String BASE_URL = "https://tinker.thinkingmachines.dev/services/tinker-prod";
  static final double TIMEOUT_S = 60;
  private static final Set<String> YES = Set.of("1", "true", "yes", "on");

  /** Whom rate limits are shared with. */
  record Tenant(String baseUrl, String apiKey) {}

  Tenant tenant() {
    return new Tenant(baseUrl, apiKey);
  }

  /** On, unless TINKER_TELEMETRY says otherwise. */
  public static boolean telemetryEnabled(Map<String, String> env) {
    return YES.contains(env.getOrDefault("TINKER_TELEMETRY", "1").toLowerCase(Locale.ROOT));
  }

  public static Builder builder(Generation generation, Map<String, String> env) {
    return new Builder(generation, env);
  }

  /** What is not told comes from the environment, or is as usual. */
  public static final class Builder {
    private final Generation generation;
    private final Map<String, String> env;
    private Optional<String> baseUrl = Optional.empty();
    private Optional<String> apiKey = Optional.empty();
    private double timeoutSeconds = TIMEOUT_S;
    private int maxRetries = Retry.MAX_RETRIES;
    private Optional<List<String>> tags = Optional.empty();
    private Map<String, String> headers = Map.of();
    private Map<String, String> userMetadata = Map.of();
    private Optional<Boolean> telemetry = Optional.empty();

    private Builder(Generation generation, Map<String, String> env) {
      this.generation = generation;
      this.env = env;
    }

    public Builder baseUrl(String told) {
      baseUrl = Optional.of(told);
      return this;
    }

    public Builder apiKey(String told) {
      apiKey = Optional.of(told);
      return this;
    }

    public Builder timeoutSeconds(double told) {
      timeoutSeconds = told;
      return this;
    }

    public Builder maxRetries(int told) {
      maxRetries = told;
      return this;
    }

    public Builder tags(List<String> told) {
      tags = Optional.of(List.copyOf(told));
      return this;
    }

    public Builder headers(Map<String, String> told) {
      headers = new HashMap<>(told);
      return this;
    }

    public Builder userMetadata(Map<String, String> told) {
      userMetadata = Map.copyOf(told);
      return this;
    }

    public Builder telemetry(boolean told) {
      telemetry = Optional.of(told);
      return this;
    }

    /**
     * The settings.
     *
     * @throws UsageException NO_API_KEY
     */
    public Config build() {
      String key = apiKey.orElseGet(() -> env.getOrDefault("TINKER_API_KEY", ""));
      if (key.isEmpty()) {
        throw new UsageException(UsageException.Kind.NO_API_KEY, "no API key: give one, or set TINKER_API_KEY");
      }
      return new Config(
          generation,
          baseUrl.filter(url -> !url.isEmpty()).or(() -> told("TINKER_BASE_URL")).orElse(BASE_URL),
          key,
          timeoutSeconds,
          maxRetries,
          tags.orElseGet(this::toldTags),
          headers,
          userMetadata,
          telemetry.orElseGet(() -> telemetryEnabled(env)));
    }

    private Optional<String> told(String name) {
      return Optional.ofNullable(env.get(name)).filter(value -> !value.isEmpty());
    }

    /** Between commas, each once; blanks belong to them. */
    private List<String> toldTags() {
      String told = env.get("TINKER_TAGS");
      return told == null ? List.of() : Arrays.stream(told.split(",", -1)).distinct().sorted().toList();
    }
  }
}
