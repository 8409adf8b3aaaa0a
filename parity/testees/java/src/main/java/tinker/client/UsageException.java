package tinker.client;

/** The client was asked for what cannot be done; nothing has been sent. */
public final class UsageException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  /** What was wrong. */
  public enum Kind {
    BAD_KEY,
    ZERO_WEIGHT,
    NO_DATA,
    NO_LENGTH,
    DTYPE,
    UNKNOWN_NAME,
    BAD_PATH,
    NESTED,
    NO_API_KEY,
    UNSUPPORTED
  }

  private final Kind kind;

  public UsageException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
