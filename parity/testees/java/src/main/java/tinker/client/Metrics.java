package tinker.client;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The metrics of one chunk, and how many outputs it has: its weight. */
public record Metrics(Map<String, Double> values, long outputs) {
  /**
   * One set of several, by the reduction in each key "name:reduction", over the keys of the first that all others have,
   * too. Reductions that are not known are dropped with their keys.
   *
   * @throws UsageException BAD_KEY, ZERO_WEIGHT
   */
  public static Map<String, Double> reduce(List<Metrics> chunks, Generation generation) {
    Map<String, Double> reduced = new LinkedHashMap<>();
    for (String key : chunks.isEmpty() ? List.<String>of() : chunks.get(0).values.keySet()) {
      int colon = key.indexOf(':');
      if (colon < 0 || key.indexOf(':', colon + 1) >= 0) {
        throw new UsageException(UsageException.Kind.BAD_KEY, "metric '" + key + "' is not called name:reduction");
      }
      List<Double> values = chunks.stream().map(chunk -> chunk.values.get(key)).filter(Objects::nonNull).toList();
      if (values.size() < chunks.size()) {
        continue;
      }
      switch (key.substring(colon + 1)) {
        case "sum" -> reduced.put(key, values.stream().mapToDouble(value -> value).sum());
        case "min" -> reduced.put(key, Collections.min(values));
        case "max" -> reduced.put(key, Collections.max(values));
        case "mean" -> reduced.put(key, mean(key, values, chunks));
        case "slack" -> reduced.put(key, Collections.max(values) - mean(key, values, chunks));
        case "unique" -> putEach(reduced, key, values, generation.uniqueFrom());
        case "hash_unordered" -> reduced.put(key, (double) PythonHash.unordered(values));
        default -> {}
      }
    }
    return reduced;
  }

  private static void putEach(Map<String, Double> reduced, String key, Collection<Double> values, int from) {
    int place = 0;
    for (double value : values) {
      reduced.put(place == 0 ? key : key + "_" + (from + place - 1), value);
      place++;
    }
  }

  private static double mean(String key, List<Double> values, List<Metrics> chunks) {
    double weights = 0;
    double sum = 0;
    for (int index = 0; index < values.size(); index++) {
      weights += chunks.get(index).outputs;
      sum += values.get(index) * chunks.get(index).outputs;
    }
    if (weights == 0) {
      throw new UsageException(UsageException.Kind.ZERO_WEIGHT, "metric '" + key + "': no chunk has outputs to weigh by");
    }
    return sum / weights;
  }
}
