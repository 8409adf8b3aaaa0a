package tinker.client;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import tinker.Training.Floats;
import tinker.Training.Ints;
import tinker.Training.TensorData;
import tinker.Training.TensorDtype;
import tinker.wire.Opt;

/** Nested lists of numbers become tensors. */
public final class Tensors {
  private static final Map<String, TensorDtype> BY_NAME =
      Map.of(
          "target_tokens", TensorDtype.INT64,
          "weights", TensorDtype.FLOAT32,
          "advantages", TensorDtype.FLOAT32,
          "logprobs", TensorDtype.FLOAT32,
          "clip_low_threshold", TensorDtype.FLOAT32,
          "clip_high_threshold", TensorDtype.FLOAT32);

  private Tensors() {}

  /**
   * A tensor of an array.
   *
   * @param values Numbers, in Lists as deep as the array has dimensions
   * @param kind what array libraries call the type of its elements: "f64", "i32", "u8", "bool", …
   * @throws UsageException DTYPE where no tensor holds such elements, or rows differ in length
   */
  public static TensorData make(Object values, String kind, Generation generation) {
    TensorDtype dtype = dtype(kind, generation);
    return switch (kind) {
      case "f16" -> of(values, dtype, Tensors::half);
      case "f32" -> of(values, dtype, Tensors::single);
      default -> of(values, dtype, generation.castsTensors() ? Tensors::single : DoubleUnaryOperator.identity());
    };
  }

  /**
   * Plain lists as the inputs of a loss; their names tell their types.
   *
   * @throws UsageException UNKNOWN_NAME, DTYPE
   */
  public static Map<String, TensorData> ofInputs(Map<String, ?> inputs) {
    Map<String, TensorData> made = new LinkedHashMap<>();
    inputs.forEach((name, values) -> {
      TensorDtype dtype = BY_NAME.get(name);
      if (dtype == null) {
        throw new UsageException(UsageException.Kind.UNKNOWN_NAME, "'" + name + "' tells no dtype: give a tensor");
      } else if (shape(values).size() != 1) {
        throw refused("'" + name + "': a list of numbers is needed");
      }
      made.put(name, of(values, dtype, DoubleUnaryOperator.identity()));
    });
    return made;
  }

  /** As an element of 32 bits holds it. */
  private static double single(double value) {
    return (float) value;
  }

  /** As an element of 16 bits holds it: 10 bits of fraction, the least exponent -14. */
  private static double half(double value) {
    double step = Math.scalb(1.0, Math.max(Math.getExponent(value), -14) - 10);
    double rounded = Math.rint(value / step) * step;
    return Math.abs(rounded) > 65504 ? Math.copySign(Double.POSITIVE_INFINITY, value) : rounded;
  }

  private static TensorData of(Object values, TensorDtype dtype, DoubleUnaryOperator holds) {
    List<Long> shape = shape(values);
    List<Number> flat = new ArrayList<>();
    flatten(values, flat);
    if (dtype == TensorDtype.INT64) {
      return new TensorData(
          new Ints(flat.stream().map(Number::longValue).toList()), dtype, Opt.of(shape), Opt.missing(), Opt.missing());
    }
    List<Double> floats = flat.stream().map(each -> holds.applyAsDouble(each.doubleValue())).toList();
    return new TensorData(new Floats(floats), dtype, Opt.of(shape), Opt.missing(), Opt.missing());
  }

  private static TensorDtype dtype(String kind, Generation generation) {
    return switch (kind.charAt(0)) {
      case 'f' -> TensorDtype.FLOAT32;
      case 'i' -> TensorDtype.INT64;
      case 'u' -> {
        if (!generation.castsTensors()) {
          throw refused("there is no tensor of " + kind);
        }
        yield TensorDtype.INT64;
      }
      default -> throw refused("there is no tensor of " + kind);
    };
  }

  private static List<Long> shape(Object values) {
    if (!(values instanceof List<?> list)) {
      return List.of();
    }
    List<List<Long>> inner = list.stream().map(Tensors::shape).distinct().toList();
    if (inner.size() > 1) {
      throw refused("the rows of the list differ in length");
    }
    List<Long> shape = new ArrayList<>(List.of((long) list.size()));
    shape.addAll(inner.isEmpty() ? Collections.emptyList() : inner.get(0));
    return shape;
  }

  private static void flatten(Object values, List<Number> flat) {
    if (values instanceof List<?> list) {
      list.forEach(each -> flatten(each, flat));
    } else if (values instanceof Number number) {
      flat.add(number);
    } else {
      throw refused("no number: " + values);
    }
  }

  private static UsageException refused(String reason) {
    return new UsageException(UsageException.Kind.DTYPE, reason);
  }
}
