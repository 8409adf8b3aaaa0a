package testee;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import tinker.Catalogue;
import tinker.client.Generation;
import tinker.client.UsageException;
import tinker.wire.Codec;
import tinker.wire.WireException;

/** All calls of docs/cases.md that this client answers. */
final class Calls {
  interface Call {
    JsonElement answer(JsonObject input, Generation generation) throws Exception;
  }

  /** There is no such message or step here. */
  static final class Unsupported extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unsupported(String what) {
      super(what);
    }
  }

  private static final Map<String, Call> ALL = new LinkedHashMap<>(PureCalls.ALL);

  static {
    ALL.put("codec", Calls::codec);
    ALL.put("scenario", Scenario::play);
  }

  static final Set<String> NAMES = ALL.keySet();

  private Calls() {}

  /** A Response to a Request; what goes wrong is an outcome, too. */
  static JsonObject answer(JsonObject request) {
    JsonObject response = new JsonObject();
    response.add("id", request.get("id"));
    String name = request.get("call").getAsString();
    Call call = ALL.get(name);
    if (call == null) {
      response.addProperty("unsupported", "there is no call " + name);
      return response;
    }
    try {
      response.add("result", call.answer(request.getAsJsonObject("input"), generation(request.get("dialect").getAsString())));
    } catch (WireException error) {
      response.add("rejected", rejection(error.getMessage(), "invalid"));
    } catch (UsageException error) {
      response.add("rejected", rejection(error.getMessage(), PureCalls.kind(error)));
    } catch (Unsupported error) {
      response.addProperty("unsupported", error.getMessage());
    } catch (ExecutionException error) {
      Throwable cause = error;
      while (cause instanceof ExecutionException) {
        cause = cause.getCause();
      }
      response.addProperty(cause instanceof Unsupported ? "unsupported" : "failed", cause.getMessage());
    } catch (Exception error) {
      response.addProperty("failed", error.toString());
      error.printStackTrace();
    }
    return response;
  }

  private static Generation generation(String name) {
    return Stream.of(Generation.V041, Generation.TINKEX)
        .filter(generation -> generation.dialect().name().equals(name))
        .findFirst()
        .orElseThrow(() -> new Unsupported("there is no dialect " + name));
  }

  private static JsonObject rejection(String reason, String kind) {
    JsonObject rejection = new JsonObject();
    rejection.addProperty("reason", String.valueOf(reason));
    rejection.addProperty("kind", kind);
    return rejection;
  }

  private static JsonElement codec(JsonObject input, Generation generation) {
    String message = input.get("message").getAsString();
    Class<?> type = Catalogue.find(message, generation.dialect()).orElseThrow(() -> new Unsupported("there is no message " + message));
    byte[] text = input.has("json_base64")
        ? Base64.getDecoder().decode(input.get("json_base64").getAsString())
        : input.get("json").getAsString().getBytes(StandardCharsets.UTF_8);
    Codec codec = Given.codec(generation);
    JsonObject result = new JsonObject();
    result.addProperty("json", codec.encode(codec.decode(type, text)).toString());
    return result;
  }
}
