package tinker.client;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import tinker.Future.RequestErrorCategory;
import tinker.wire.Json;
import tinker.wire.WireException;

/** Of the service, or of the way to it. What is asked of the client wrongly is a UsageException. */
public abstract sealed class TinkerException extends RuntimeException {
  private static final long serialVersionUID = 1;

  TinkerException(String message) {
    super(message);
  }

  /** Whether asking once more makes sense. */
  public boolean retryable() {
    return true;
  }

  /** No answer came. */
  public static final class Connection extends TinkerException {
    private static final long serialVersionUID = 1;

    public Connection(String message) {
      super(message);
    }
  }

  /** No answer came in time. */
  public static final class Timeout extends TinkerException {
    private static final long serialVersionUID = 1;

    public Timeout(String message) {
      super(message);
    }
  }

  /** An answer that is not the message that it should be. */
  public static final class Validation extends TinkerException {
    private static final long serialVersionUID = 1;

    public Validation(String message) {
      super(message);
    }

    @Override
    public boolean retryable() {
      return false;
    }
  }

  /** The service forgot the request: it has to be sent anew. */
  public static final class Expired extends TinkerException {
    private static final long serialVersionUID = 1;

    public Expired(String requestId) {
      super("request " + requestId + " is not there any more (410)");
    }
  }

  /** An answer that says no. */
  public static final class Status extends TinkerException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String body;
    private final transient Map<String, String> headers;

    public Status(int status, String body, Map<String, String> headers) {
      super(message(status, body));
      this.status = status;
      this.body = body;
      this.headers = headers;
    }

    public int status() {
      return status;
    }

    public String body() {
      return body;
    }

    /** Names in lower case. */
    public Map<String, String> headers() {
      return headers;
    }

    @Override
    public boolean retryable() {
      return Categories.retryable(RequestErrorCategory.UNKNOWN, status);
    }

    /** What an error is called; "status" where it has no name of its own. */
    public static String kind(int status) {
      return switch (status) {
        case 400 -> "bad_request";
        case 401 -> "authentication";
        case 403 -> "permission_denied";
        case 404 -> "not_found";
        case 409 -> "conflict";
        case 422 -> "unprocessable";
        case 429 -> "rate_limit";
        default -> status >= 500 ? "server" : "status";
      };
    }

    /** For people. */
    public static String message(int status, String body) {
      String code = "Error code: " + status;
      try {
        return body.isBlank() ? code : code + " - " + Json.parse(body.getBytes(StandardCharsets.UTF_8));
      } catch (WireException noJson) {
        return body.strip();
      }
    }
  }

  /** The service took the request, and could not do it. */
  public static final class RequestFailed extends TinkerException {
    private static final long serialVersionUID = 1;

    private final RequestErrorCategory category;

    public RequestFailed(String reason, String requestId, RequestErrorCategory category) {
      super("request " + requestId + " failed: " + reason);
      this.category = category;
    }

    public RequestErrorCategory category() {
      return category;
    }

    @Override
    public boolean retryable() {
      return Categories.retryable(category, 0);
    }
  }
}
