package tinker.client;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** multipart/form-data (RFC 7578), with names escaped as browsers do (WHATWG HTML, "multipart form data"). */
public final class Multipart {
  private Multipart() {}

  /** One text of a form. */
  public record Field(String name, String text) {}

  /** One file of a form; `type` is its media type. */
  public record File(String name, String filename, String type, byte[] content) {}

  /** Fields first, then files. */
  public static byte[] encode(String boundary, List<Field> fields, List<File> files) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Field field : fields) {
      write(out, "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + quoted(field.name()) + "\"\r\n\r\n");
      write(out, field.text() + "\r\n");
    }
    for (File file : files) {
      write(out, "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + quoted(file.name()) + "\"");
      write(out, "; filename=\"" + quoted(file.filename()) + "\"\r\nContent-Type: " + file.type() + "\r\n\r\n");
      out.writeBytes(file.content());
      write(out, "\r\n");
    }
    write(out, "--" + boundary + "--\r\n");
    return out.toByteArray();
  }

  private static void write(ByteArrayOutputStream out, String text) {
    out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String quoted(String name) {
    return name.replace("\"", "%22").replace("\r", "%0D").replace("\n", "%0A");
  }
}
