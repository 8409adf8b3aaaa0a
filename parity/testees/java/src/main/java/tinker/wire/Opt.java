package tinker.wire;

import java.util.Optional;

/** A field that can be missing or null. */
public record Opt<T>(State state, T value) {
  public enum State {
    MISSING,
    NULL,
    VALUE
  }

  public static <T> Opt<T> missing() {
    return new Opt<>(State.MISSING, null);
  }

  public static <T> Opt<T> ofNull() {
    return new Opt<>(State.NULL, null);
  }

  public static <T> Opt<T> of(T value) {
    return new Opt<>(State.VALUE, value);
  }

  public Optional<T> get() {
    return Optional.ofNullable(value);
  }
}
