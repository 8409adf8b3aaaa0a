package testee;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import tinker.Dialects;
import tinker.wire.Json;

/** The testee protocol (proto/samewire/parity/v1/testee.proto): frames on stdin and stdout. */
public final class Main {
  private static final int WINDOW = 4;

  private Main() {}

  /** Until stdin ends and all requests are answered. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    DataOutputStream out = new DataOutputStream(System.out);
    System.setOut(new PrintStream(System.err, true)); // what anybody prints belongs on stderr: stdout is for frames
    send(out, hello());
    ExecutorService workers = Executors.newFixedThreadPool(WINDOW);
    DataInputStream in = new DataInputStream(System.in);
    for (byte[] frame = read(in); frame != null; frame = read(in)) {
      JsonObject request = Json.parse(frame).getAsJsonObject();
      workers.execute(() -> {
        try {
          send(out, Calls.answer(request));
        } catch (IOException error) {
          throw new IllegalStateException("stdout is gone", error);
        }
      });
    }
    workers.shutdown();
    workers.awaitTermination(1, TimeUnit.HOURS);
    System.exit(0); // what a client left behind, its heartbeat or its connections, keeps nobody waiting
  }

  private static JsonObject hello() {
    JsonObject hello = new JsonObject();
    hello.addProperty("name", "java");
    hello.addProperty("title", "Java " + Runtime.version().feature() + ", java.net.http");
    hello.addProperty("language", "java");
    hello.add("dialects", texts(List.of(Dialects.V041, Dialects.TINKEX)));
    hello.add("calls", texts(Calls.NAMES));
    hello.addProperty("window", WINDOW);
    return hello;
  }

  private static JsonArray texts(Iterable<String> items) {
    JsonArray array = new JsonArray();
    items.forEach(array::add);
    return array;
  }

  /** The next frame; null at the end. */
  private static byte[] read(DataInputStream in) throws IOException {
    try {
      byte[] body = new byte[in.readInt()];
      in.readFully(body);
      return body;
    } catch (EOFException end) {
      return null;
    }
  }

  private static void send(DataOutputStream out, JsonObject message) throws IOException {
    byte[] body = message.toString().getBytes(StandardCharsets.UTF_8);
    synchronized (out) {
      out.writeInt(body.length);
      out.write(body);
      out.flush();
    }
  }
}
