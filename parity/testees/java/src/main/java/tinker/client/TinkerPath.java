package tinker.client;

import java.util.Set;

/** Where weights are: tinker://RUN/KIND/NAME. */
public record TinkerPath(String run, String kind, String name) {
  private static final String SCHEME = "tinker://";
  private static final Set<String> KINDS = Set.of("weights", "sampler_weights");

  /**
   * Reads a path.
   *
   * @throws UsageException BAD_PATH
   */
  public static TinkerPath parse(String text) {
    String[] parts = text.startsWith(SCHEME) ? text.substring(SCHEME.length()).split("/", -1) : new String[0];
    if (parts.length != 3 || parts[0].isEmpty() || !KINDS.contains(parts[1]) || parts[2].isEmpty()) {
      throw new UsageException(
          UsageException.Kind.BAD_PATH, "'" + text + "' is no path: tinker://RUN/weights/NAME or …/sampler_weights/…");
    }
    return new TinkerPath(parts[0], parts[1], parts[2]);
  }

  /** As in the routes of REST: two segments. */
  public String checkpointId() {
    return kind + "/" + name;
  }
}
