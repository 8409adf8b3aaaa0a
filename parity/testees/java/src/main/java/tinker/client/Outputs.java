package tinker.client;

import java.util.List;
import tinker.Training.ForwardBackwardOutput;

/** The outputs of a call's chunks become one. */
public final class Outputs {
  private Outputs() {}

  /**
   * In the order of the chunks; the type is the first one's.
   *
   * @throws UsageException as {@link Metrics#reduce}
   */
  public static ForwardBackwardOutput combine(List<ForwardBackwardOutput> outputs, Generation generation) {
    List<Metrics> metrics =
        outputs.stream().map(output -> new Metrics(output.metrics(), output.lossFnOutputs().size())).toList();
    return new ForwardBackwardOutput(
        outputs.isEmpty() ? "" : outputs.get(0).lossFnOutputType(),
        outputs.stream().flatMap(output -> output.lossFnOutputs().stream()).toList(),
        Metrics.reduce(metrics, generation));
  }
}
