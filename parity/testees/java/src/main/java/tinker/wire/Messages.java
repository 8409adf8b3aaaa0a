package tinker.wire;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.annotations.SerializedName;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Records: which keys there are, and what missing and null mean in which dialect. */
final class Messages {
  private Messages() {}

  static boolean isIn(Rules.Only only, Dialect dialect) {
    return only == null || Arrays.asList(only.value()).contains(dialect.name());
  }

  static Object decode(String path, JsonElement json, Class<?> type, Codec codec) {
    List<Rule> rules = Rule.of(type, codec.dialect);
    Object[] values = new Object[rules.size()];
    if (type.isAnnotationPresent(Rules.Inline.class)) {
      values[0] = codec.decode(path, json, rules.get(0).component().getGenericType());
      return create(type, values);
    }
    JsonObject object = Values.object(path, json);
    Set<String> known = new HashSet<>();
    Rules.Literal literal = type.getAnnotation(Rules.Literal.class);
    if (literal != null) {
      known.add(literal.key());
      checkLiteral(path + "." + literal.key(), object.get(literal.key()), literal);
    }
    JsonObject rest = new JsonObject();
    boolean keeps = false;
    for (int index = 0; index < values.length; index++) {
      Rule rule = rules.get(index);
      keeps |= rule.rest();
      if (rule.exists() && !rule.rest()) {
        known.add(rule.key());
      }
      JsonElement value = rule.exists() ? object.get(rule.key()) : null;
      values[index] = rule.rest() ? rest : rule.decode(path + "." + rule.key(), value, codec);
    }
    object.asMap().forEach((key, value) -> {
      if (!known.contains(key)) {
        rest.add(key, value);
      }
    });
    if (!rest.isEmpty() && !keeps && !type.isAnnotationPresent(Rules.IgnoreUnknown.class)) {
      throw new WireException(path + "." + rest.keySet().iterator().next(), "unknown key");
    }
    return create(type, values);
  }

  static JsonElement encode(Record message, Codec codec) {
    Class<?> type = message.getClass();
    List<Rule> rules = Rule.of(type, codec.dialect);
    if (type.isAnnotationPresent(Rules.Inline.class)) {
      return codec.encode(get(rules.get(0).component(), message));
    }
    JsonObject object = new JsonObject();
    for (Rule rule : rules) {
      Object value = get(rule.component(), message);
      if (rule.rest()) {
        ((JsonObject) value).asMap().forEach(object::add);
        continue;
      }
      JsonElement written = rule.exists() ? rule.encode(value, codec) : null;
      if (written != null) {
        object.add(rule.key(), written);
      }
    }
    Rules.Literal literal = type.getAnnotation(Rules.Literal.class);
    if (literal != null && (literal.required() || codec.dialect.writesLiterals())) {
      object.addProperty(literal.key(), literal.value());
    }
    return object;
  }

  private static void checkLiteral(String path, JsonElement value, Rules.Literal literal) {
    if (value == null) {
      if (literal.required()) {
        throw new WireException(path, "missing");
      }
    } else if (!value.equals(new JsonPrimitive(literal.value()))) {
      throw Values.refused(path, '"' + literal.value() + '"', value);
    }
  }

  private static Object create(Class<?> type, Object[] values) {
    try {
      RecordComponent[] components = type.getRecordComponents();
      Class<?>[] types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      return type.getDeclaredConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException error) {
      throw new AssertionError(error);
    }
  }

  private static Object get(RecordComponent component, Record message) {
    try {
      return component.getAccessor().invoke(message);
    } catch (ReflectiveOperationException error) {
      throw new AssertionError(error);
    }
  }

  /** The rules of one component in one dialect. */
  private record Rule(
      RecordComponent component,
      Dialect dialect,
      String key,
      boolean exists,
      boolean rest,
      Presence presence,
      JsonElement fallback) {

    static List<Rule> of(Class<?> type, Dialect dialect) {
      return KNOWN.computeIfAbsent(
          Map.entry(type, dialect),
          key -> Arrays.stream(type.getRecordComponents()).map(component -> of(component, dialect)).toList());
    }

    private static final Map<Map.Entry<Class<?>, Dialect>, List<Rule>> KNOWN = new ConcurrentHashMap<>();

    private static Rule of(RecordComponent component, Dialect dialect) {
      return new Rule(
          component,
          dialect,
          keyOf(component),
          isIn(component.getAnnotation(Rules.Only.class), dialect),
          component.isAnnotationPresent(Rules.Rest.class),
          presenceOf(component, dialect),
          fallbackOf(component, dialect));
    }

    /** A key that Java keeps for itself stands in a SerializedName, which the accessor has. */
    private static String keyOf(RecordComponent component) {
      SerializedName name = component.getAccessor().getAnnotation(SerializedName.class);
      return name != null ? name.value() : component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    boolean isOpt() {
      return component.getType() == Opt.class;
    }

    Object decode(String path, JsonElement value, Codec codec) {
      if (value == null) {
        if (!isOpt() || exists && !presence.omittable() && fallback == null) {
          throw new WireException(path, "missing");
        }
        return Opt.missing();
      } else if (!isOpt()) {
        return codec.decode(path, value, component.getGenericType());
      } else if (value.isJsonNull() && presence.nullable()) {
        return Opt.ofNull();
      }
      Rules.Between bounds = component.getAnnotation(Rules.Between.class);
      Type held = ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0];
      Object decoded = codec.decode(path, value, held);
      if (bounds != null && decoded instanceof Number number && !isWithin(number.longValue(), bounds)) {
        throw Values.refused(path, "a number from " + bounds.min() + " to " + bounds.max(), value);
      }
      return Opt.of(decoded);
    }

    private static boolean isWithin(long number, Rules.Between bounds) {
      return bounds.min() <= number && number <= bounds.max();
    }

    /** What goes on the wire; null for nothing. */
    JsonElement encode(Object value, Codec codec) {
      Opt.State state = value instanceof Opt<?> opt ? opt.state() : Opt.State.VALUE;
      JsonElement absent = dialect.writesNull() ? JsonNull.INSTANCE : null;
      if (state == Opt.State.VALUE) {
        return codec.encode(value);
      } else if (state == Opt.State.NULL) {
        return absent;
      } else if (dialect.unset() == Dialect.Unset.OMIT) {
        return null;
      } else if (dialect.unset() == Dialect.Unset.NULL && presence.nullable()) {
        return absent;
      }
      return fallback instanceof JsonNull ? absent : fallback;
    }

    private static Presence presenceOf(RecordComponent component, Dialect dialect) {
      Presence found = Presence.ALWAYS;
      for (Rules.In in : component.getAnnotationsByType(Rules.In.class)) {
        if (in.dialect().equals(dialect.name())) {
          return in.value();
        } else if (in.dialect().isEmpty()) {
          found = in.value();
        }
      }
      return found;
    }

    private static JsonElement fallbackOf(RecordComponent component, Dialect dialect) {
      Rules.Default found = component.getAnnotation(Rules.Default.class);
      boolean holds = found != null && (found.dialect().isEmpty() || found.dialect().equals(dialect.name()));
      return holds ? Json.parse(found.value().getBytes(StandardCharsets.UTF_8)) : null;
    }
  }
}
