package testee;

/** The client refuses an input, for a reason that docs/cases.md names. */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1;

  final String kind;

  Refusal(String kind, RuntimeException cause) {
    super(cause.getMessage(), cause);
    this.kind = kind;
  }
}
