package tinker.wire;

/** One generation of clients: what it writes for a field never set, and whether it writes null and literals. */
public record Dialect(String name, Unset unset, boolean writesNull, boolean writesLiterals) {
  public enum Unset {
    OMIT,
    /** The default, if there is one. */
    DEFAULT,
    /** Null where the field may be null, else the default. */
    NULL
  }
}
