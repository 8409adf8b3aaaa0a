package tinker.wire;

/** Which states a field can be in on the wire. */
public enum Presence {
  /** A value. */
  ALWAYS,
  /** A value or null. */
  NULL,
  /** A value or missing. */
  OMIT,
  /** A value, null or missing. */
  OMIT_OR_NULL;

  boolean nullable() {
    return this == NULL || this == OMIT_OR_NULL;
  }

  boolean omittable() {
    return this == OMIT || this == OMIT_OR_NULL;
  }
}
