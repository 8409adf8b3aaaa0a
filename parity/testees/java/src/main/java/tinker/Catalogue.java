package tinker;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tinker.wire.Dialect;
import tinker.wire.Rules;

/** All messages, by the names of their definitions: "tinker.v1.Datum". */
public final class Catalogue {
  private static final Map<String, Class<?>> MESSAGES =
      Stream.of(
              Auth.class,
              Checkpoints.class,
              Future.class,
              Input.class,
              Lists.class,
              Model.class,
              Optimizer.class,
              Runs.class,
              Sampling.class,
              Server.class,
              Session.class,
              Telemetry.class,
              Training.class,
              Weights.class)
          .flatMap(noun -> Stream.of(noun.getDeclaredClasses()))
          .filter(type -> !type.isEnum())
          .collect(Collectors.toMap(type -> "tinker.v1." + type.getSimpleName(), Function.identity()));

  private Catalogue() {}

  /** The message, where the dialect has it and this client too. */
  public static Optional<Class<?>> find(String name, Dialect dialect) {
    return Optional.<Class<?>>ofNullable(MESSAGES.get(name)).filter(type -> {
      Rules.Only only = type.getAnnotation(Rules.Only.class);
      return only == null || Stream.of(only.value()).anyMatch(dialect.name()::equals);
    });
  }
}
