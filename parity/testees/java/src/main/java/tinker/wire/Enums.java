package tinker.wire;

import com.google.gson.JsonElement;
import com.google.gson.annotations.SerializedName;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Enums: strings, given by SerializedName. */
final class Enums {
  private Enums() {}

  static String name(Enum<?> constant) {
    return field(constant).getAnnotation(SerializedName.class).value();
  }

  static Object decode(String path, JsonElement json, Class<?> type, Dialect dialect) {
    String text = Values.string(path, json);
    Rules.Tolerant tolerant = type.getAnnotation(Rules.Tolerant.class);
    boolean fold = tolerant != null && tolerant.ignoreCaseIn().equals(dialect.name());
    List<Enum<?>> known = Arrays.stream(type.getEnumConstants())
        .<Enum<?>>map(constant -> (Enum<?>) constant)
        .filter(constant -> Messages.isIn(field(constant).getAnnotation(Rules.Only.class), dialect))
        .toList();
    return find(known, fold ? text.toLowerCase() : text)
        .or(() -> tolerant == null ? Optional.empty() : find(known, tolerant.fallback()))
        .orElseThrow(() -> Values.refused(path, "one of " + known.stream().map(Enums::name).toList(), json));
  }

  private static Optional<Enum<?>> find(List<Enum<?>> constants, String name) {
    return constants.stream().filter(constant -> name(constant).equals(name)).findFirst();
  }

  private static Field field(Enum<?> constant) {
    try {
      return constant.getDeclaringClass().getField(constant.name());
    } catch (NoSuchFieldException error) {
      throw new AssertionError(error);
    }
  }
}
