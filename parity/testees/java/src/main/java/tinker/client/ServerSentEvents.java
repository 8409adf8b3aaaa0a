package tinker.client;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Server-sent events, from pieces of any size (WHATWG HTML, 9.2). */
public final class ServerSentEvents {
  /** retry: milliseconds. */
  public record Event(String data, Optional<String> name, Optional<String> id, Optional<Long> retry) {}

  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final List<String> data = new ArrayList<>();
  private Optional<String> name = Optional.empty();
  private Optional<String> id = Optional.empty();
  private Optional<Long> retry = Optional.empty();
  private boolean first = true;
  private boolean afterReturn;

  /** The events that a piece completes; what the end of a stream cuts off is none. */
  public List<Event> feed(byte[] piece) {
    List<Event> found = new ArrayList<>();
    for (byte octet : piece) {
      if (octet == '\n' && afterReturn) {
        afterReturn = false;
      } else if (octet == '\n' || octet == '\r') {
        afterReturn = octet == '\r';
        endLine(found);
      } else {
        afterReturn = false;
        line.write(octet);
      }
    }
    return found;
  }

  private void endLine(List<Event> found) {
    String text = line.toString(StandardCharsets.UTF_8);
    line.reset();
    text = first && text.startsWith("\ufeff") ? text.substring(1) : text;
    first = false;
    if (text.isEmpty()) {
      dispatch(found);
      return;
    }
    int colon = text.indexOf(':');
    String field = colon < 0 ? text : text.substring(0, colon);
    String value = colon < 0 ? "" : text.substring(colon + 1);
    value = value.startsWith(" ") ? value.substring(1) : value;
    switch (field) {
      case "data" -> data.add(value);
      case "event" -> name = Optional.of(value);
      case "id" -> id = value.indexOf('\0') < 0 ? Optional.of(value) : id;
      case "retry" -> retry = value.matches("[0-9]{1,18}") ? Optional.of(Long.valueOf(value)) : retry;
      default -> {}
    }
  }

  private void dispatch(List<Event> found) {
    if (name.isPresent() || !data.isEmpty() || retry.isPresent()) {
      found.add(new Event(String.join("\n", data), name.filter(text -> !text.isEmpty()), id, retry));
    }
    name = Optional.empty();
    data.clear();
    retry = Optional.empty();
  }
}
