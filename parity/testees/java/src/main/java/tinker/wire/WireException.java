package tinker.wire;

/** Tells where a JSON text breaks which rule. */
public final class WireException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public WireException(String path, String reason) {
    super(path + ": " + reason);
  }
}
