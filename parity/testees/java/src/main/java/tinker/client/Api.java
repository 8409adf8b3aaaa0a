package tinker.client;

import java.nio.charset.StandardCharsets;
import tinker.wire.Codec;
import tinker.wire.WireException;

/** Typed calls in one dialect. */
final class Api {
  private final Http http;
  private final Codec codec;

  Api(Http http, Generation generation) {
    this.http = http;
    this.codec = new Codec(generation.dialect());
  }

  Http.Call post(String path, Record request) {
    return Http.Call.of("POST", path).body(codec.encode(request).toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Without a look at what the answer is. */
  Http.Answer send(Http.Call call) throws InterruptedException {
    return http.send(call);
  }

  /** Throws what Http.send throws, Validation for an answer that is no such message. */
  <T> T ask(Http.Call call, Class<T> response) throws InterruptedException {
    return read(response, http.send(call).body());
  }

  <T> T read(Class<T> response, byte[] body) {
    try {
      return codec.decode(response, body);
    } catch (WireException error) {
      throw new TinkerException.Validation("the answer is not what it should be: " + error.getMessage());
    }
  }
}
