package tinker.wire;

import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/**
 * Annotations that say how messages look on the wire. A message is a record; its keys are the names of the components
 * with underscores. A component without {@link In} is always there.
 */
public interface Rules {
  /** What happens to keys that a message does not have. A record with a component marked {@link Rest} keeps them. */
  @Retention(RetentionPolicy.RUNTIME)
  @interface IgnoreUnknown {}

  /** The component, a JsonObject, that holds the keys which the message does not have. */
  @Retention(RetentionPolicy.RUNTIME)
  @interface Rest {}

  /** A key with one value. Where it is required every dialect writes it. */
  @Retention(RetentionPolicy.RUNTIME)
  @interface Literal {
    String key() default "type";

    String value();

    boolean required() default false;
  }

  /** The presence of a component: in one dialect, or in all that no other annotation names. */
  @Retention(RetentionPolicy.RUNTIME)
  @Repeatable(Ins.class)
  @interface In {
    Presence value();

    String dialect() default "";
  }

  @Retention(RetentionPolicy.RUNTIME)
  @interface Ins {
    In[] value();
  }

  /** What missing stands for, as JSON; in one dialect, or in all. */
  @Retention(RetentionPolicy.RUNTIME)
  @interface Default {
    String value();

    String dialect() default "";
  }

  /** The dialects that have a component, an arm of a union, or a value of an enum. */
  @Retention(RetentionPolicy.RUNTIME)
  @interface Only {
    String[] value();
  }

  /** Bounds of a number, inclusive. */
  @Retention(RetentionPolicy.RUNTIME)
  @interface Between {
    long min();

    long max();
  }

  /** The JSON of the record is the JSON of its only component. */
  @Retention(RetentionPolicy.RUNTIME)
  @interface Inline {}

  /**
   * A sealed interface whose records are the forms, tried in the order of `permits`. With a tag, the key whose literal
   * tells them apart; where that is missing, their form does, if it may be untagged.
   */
  @Retention(RetentionPolicy.RUNTIME)
  @interface Union {
    String tag() default "";

    boolean untagged() default false;
  }

  /** What any other string is read as, and the dialect that folds case. */
  @Retention(RetentionPolicy.RUNTIME)
  @interface Tolerant {
    String fallback();

    String ignoreCaseIn() default "";
  }
}
