package tinker.wire;

import com.google.gson.JsonElement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Sealed interfaces: one of several forms. */
final class Unions {
  private Unions() {}

  static Object decode(String path, JsonElement json, Class<?> union, Codec codec) {
    Rules.Union rule = union.getAnnotation(Rules.Union.class);
    List<Class<?>> arms = Arrays.stream(union.getPermittedSubclasses())
        .filter(arm -> Messages.isIn(arm.getAnnotation(Rules.Only.class), codec.dialect))
        .toList();
    if (!rule.tag().isEmpty()) {
      String at = path + "." + rule.tag();
      JsonElement tag = Values.object(path, json).get(rule.tag());
      if (tag != null) {
        String name = Values.string(at, tag);
        return arms.stream()
            .filter(arm -> tagOf(arm).equals(name))
            .findFirst()
            .map(arm -> codec.decode(path, json, arm))
            .orElseThrow(() -> Values.refused(at, "one of " + arms.stream().map(Unions::tagOf).toList(), tag));
      } else if (!rule.untagged()) {
        throw new WireException(at, "missing");
      }
    }
    List<String> reasons = new ArrayList<>();
    for (Class<?> arm : arms) {
      try {
        return codec.decode(path, json, arm);
      } catch (WireException error) {
        reasons.add(error.getMessage());
      }
    }
    throw new WireException(path, "none of the forms fits: " + String.join("; ", reasons));
  }

  private static String tagOf(Class<?> arm) {
    return arm.getAnnotation(Rules.Literal.class).value();
  }
}
