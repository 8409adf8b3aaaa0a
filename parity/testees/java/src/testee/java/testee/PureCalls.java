package testee;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import tinker.Future.QueueState;
import tinker.Input.ModelInputChunk;
import tinker.Telemetry;
import tinker.Telemetry.TelemetryEvent;
import tinker.Training.ForwardBackwardOutput;
import tinker.client.Backoff;
import tinker.client.Categories;
import tinker.client.Chunks;
import tinker.client.Config;
import tinker.client.EventQueue;
import tinker.client.Events;
import tinker.client.Generation;
import tinker.client.Headers;
import tinker.client.Metrics;
import tinker.client.Multipart;
import tinker.client.Outputs;
import tinker.client.Pages;
import tinker.client.People;
import tinker.client.Poll;
import tinker.client.Retry;
import tinker.client.ServerSentEvents;
import tinker.client.Submit;
import tinker.client.Tensors;
import tinker.client.TinkerException;
import tinker.client.TinkerPath;
import tinker.client.Urls;
import tinker.client.UsageException;

/** Calls without a network: what a case gives as the client's types, and what the client makes of it as JSON. */
final class PureCalls {
  static final Map<String, Calls.Call> ALL = new LinkedHashMap<>();

  static {
    ALL.put("metrics.reduce", PureCalls::reduce);
    ALL.put("outputs.combine", PureCalls::combine);
    ALL.put("chunks.split", PureCalls::split);
    ALL.put("chunks.order", PureCalls::order);
    ALL.put("input.length", PureCalls::length);
    ALL.put("tensor.make", PureCalls::tensor);
    ALL.put("datum.make", PureCalls::datum);
    ALL.put("retry.decide", PureCalls::retry);
    ALL.put("retry.delay", PureCalls::retryDelay);
    ALL.put("submit.decide", PureCalls::submit);
    ALL.put("poll.decide", PureCalls::poll);
    ALL.put("category.parse", (in, to) -> shown(Categories.parse(text(in, "text"), to), to));
    ALL.put("category.retryable", PureCalls::retryable);
    ALL.put("queue.parse", (in, to) -> shown(Categories.queueState(text(in, "text"), to), to));
    ALL.put("sampling.backoff", PureCalls::backoff);
    ALL.put(
        "sampling.retry_delay",
        (in, to) -> number(Backoff.retryDelay(in.get("attempt").getAsInt(), in.get("random").getAsDouble())));
    ALL.put("path.parse", PureCalls::path);
    ALL.put("url.join", (in, to) -> new JsonPrimitive(Urls.join(text(in, "base"), text(in, "path"))));
    ALL.put("query.format", PureCalls::query);
    ALL.put("headers.merge", PureCalls::headers);
    ALL.put("config.resolve", PureCalls::config);
    ALL.put("error.kind", PureCalls::error);
    ALL.put("sse.decode", PureCalls::events);
    ALL.put("telemetry.enabled", (in, to) -> new JsonPrimitive(Config.telemetryEnabled(Given.texts(in.get("env")))));
    ALL.put("telemetry.batches", PureCalls::batches);
    ALL.put("telemetry.exception", PureCalls::exception);
    ALL.put("telemetry.index", PureCalls::indices);
    ALL.put("pages.plan", PureCalls::pages);
    ALL.put("multipart.encode", PureCalls::form);
    ALL.put("cli.size", (in, to) -> new JsonPrimitive(People.size(in.get("bytes").getAsLong())));
    ALL.put("cli.time", PureCalls::time);
  }

  private PureCalls() {}

  private static JsonElement reduce(JsonObject in, Generation to) {
    List<Metrics> chunks = new ArrayList<>();
    for (JsonElement each : in.getAsJsonArray("results")) {
      Map<String, Double> values = new LinkedHashMap<>();
      each.getAsJsonObject().getAsJsonObject("metrics").asMap().forEach((key, value) -> values.put(key, value.getAsDouble()));
      chunks.add(new Metrics(values, each.getAsJsonObject().get("outputs").getAsLong()));
    }
    return shown(Metrics.reduce(chunks, to), to);
  }

  private static JsonElement combine(JsonObject in, Generation to) {
    List<ForwardBackwardOutput> outputs = new ArrayList<>();
    in.getAsJsonArray("outputs").forEach(each -> outputs.add(Given.message(ForwardBackwardOutput.class, each, to)));
    return shown(Outputs.combine(outputs, to), to);
  }

  /** Counts only: a datum of half a million numbers is not made to be measured. */
  private static JsonElement split(JsonObject in, Generation to) {
    List<Long> sizes = new ArrayList<>();
    for (JsonElement run : in.getAsJsonArray("runs")) {
      long numbers = numbers(run.getAsJsonObject().getAsJsonObject("datum"));
      sizes.addAll(Collections.nCopies(run.getAsJsonObject().get("count").getAsInt(), numbers));
    }
    JsonObject limits = in.has("limits") ? in.getAsJsonObject("limits") : new JsonObject();
    int length = limits.has("len") ? limits.get("len").getAsInt() : to.chunkLength();
    long most = limits.has("bytes") ? limits.get("bytes").getAsLong() : to.chunkNumbers();
    return shown(Chunks.cut(sizes, length, most), to);
  }

  private static long numbers(JsonObject datum) {
    long numbers = datum.has("tokens") ? datum.get("tokens").getAsLong() : 0;
    numbers += datum.has("image") ? datum.getAsJsonObject("image").get("tokens").getAsLong() : 0;
    for (JsonElement tensor : datum.has("tensors") ? datum.getAsJsonArray("tensors") : new JsonArray()) {
      numbers += tensor.getAsJsonObject().get("count").getAsLong();
    }
    return numbers;
  }

  private static JsonElement order(JsonObject in, Generation to) {
    JsonArray ids = new JsonArray();
    for (long chunk = 0; chunk < in.get("chunks").getAsLong(); chunk++) {
      ids.add(in.get("first").getAsLong() + chunk);
    }
    return ids;
  }

  private static JsonElement length(JsonObject in, Generation to) {
    List<ModelInputChunk> chunks = new ArrayList<>();
    in.getAsJsonArray("chunks").forEach(each -> chunks.add(Given.message(ModelInputChunk.class, each, to)));
    return new JsonPrimitive(Chunks.length(chunks));
  }

  private static JsonElement tensor(JsonObject in, Generation to) {
    return shown(Tensors.make(Given.plain(in.get("values")), text(in, "kind"), to), to);
  }

  private static JsonElement datum(JsonObject in, Generation to) {
    Map<String, Object> inputs = new LinkedHashMap<>();
    in.getAsJsonObject("loss_fn_inputs").asMap().forEach((name, values) -> inputs.put(name, Given.plain(values)));
    return shown(Tensors.ofInputs(inputs), to);
  }

  private static JsonElement retry(JsonObject in, Generation to) {
    return new JsonPrimitive(
        in.has("error")
            ? to.retriesConnection()
            : Retry.decide(in.get("status").getAsInt(), Given.texts(in.get("headers")), to));
  }

  private static JsonElement retryDelay(JsonObject in, Generation to) {
    double now = in.has("now") ? in.get("now").getAsDouble() : 0;
    Map<String, String> headers = Given.texts(in.get("headers"));
    return number(Retry.delay(in.get("retry").getAsInt(), headers, in.get("random").getAsDouble(), now));
  }

  private static JsonElement submit(JsonObject in, Generation to) {
    OptionalInt status = in.has("error") ? OptionalInt.empty() : OptionalInt.of(in.get("status").getAsInt());
    OptionalDouble delay =
        Submit.delay(status, in.get("attempt").getAsInt(), in.get("elapsed_s").getAsDouble(), to);
    JsonObject told = new JsonObject();
    told.addProperty("retry", delay.isPresent());
    delay.ifPresent(seconds -> told.add("delay_s", number(seconds)));
    return told;
  }

  private static JsonElement poll(JsonObject in, Generation to) {
    int failures = in.has("failures") ? in.get("failures").getAsInt() : 0;
    int status = in.has("status") ? in.get("status").getAsInt() : 200;
    Poll step = in.has("error") ? Poll.lost(failures) : Poll.decide(status, Given.bytes(in.get("body")), failures, to);
    JsonObject told = new JsonObject();
    if (step instanceof Poll.Again again) {
      told.addProperty("then", "poll");
      told.add("delay_s", number(again.delay()));
      if (again.state().isPresent()) {
        QueueState state = again.state().get();
        told.add("queue_state", shown(state, to));
        told.addProperty("observed", again.told());
      }
    } else if (step instanceof Poll.Failed failed) {
      told.addProperty("then", "fail");
      told.addProperty("kind", "request_failed");
      told.add("category", shown(failed.category(), to));
    } else if (step instanceof Poll.Done) {
      told.addProperty("then", "done");
    } else if (step instanceof Poll.Resubmit) {
      told.addProperty("then", "resubmit");
    } else {
      told.addProperty("then", "fail");
      told.addProperty("kind", step instanceof Poll.Refused ? "status" : "validation");
    }
    return told;
  }

  private static JsonElement retryable(JsonObject in, Generation to) {
    int status = in.has("status") && !in.get("status").isJsonNull() ? in.get("status").getAsInt() : 0;
    return new JsonPrimitive(
        to.envelopes() && Categories.retryable(Categories.parse(text(in, "category"), to), status));
  }

  private static JsonElement backoff(JsonObject in, Generation to) {
    double now = in.has("now") ? in.get("now").getAsDouble() : 0;
    return number(Backoff.pause(in.get("status").getAsInt(), Given.texts(in.get("headers")), now, to));
  }

  private static JsonElement path(JsonObject in, Generation to) {
    TinkerPath path = TinkerPath.parse(text(in, "path"));
    JsonObject told = new JsonObject();
    told.addProperty("run", path.run());
    told.addProperty("kind", path.kind());
    told.addProperty("name", path.name());
    told.addProperty("checkpoint_id", path.checkpointId());
    return told;
  }

  private static JsonElement query(JsonObject in, Generation to) {
    Map<String, Object> params = new LinkedHashMap<>();
    in.getAsJsonObject("params").asMap().forEach((key, value) -> params.put(key, Given.plain(value)));
    String arrays = in.has("arrays") ? text(in, "arrays") : "repeat";
    String objects = in.has("objects") ? text(in, "objects") : "brackets";
    return new JsonPrimitive(
        Urls.query(
            params,
            Urls.Arrays.valueOf(arrays.toUpperCase(Locale.ROOT)),
            Urls.Objects.valueOf(objects.toUpperCase(Locale.ROOT))));
  }

  private static JsonElement headers(JsonObject in, Generation to) {
    List<Map<String, String>> layers = new ArrayList<>();
    List.of("defaults", "user", "call").forEach(layer -> layers.add(Given.texts(in.get(layer))));
    return shown(Headers.merge(layers), to);
  }

  private static JsonElement config(JsonObject in, Generation to) {
    JsonObject args = in.has("args") ? in.getAsJsonObject("args") : new JsonObject();
    Config config = Given.config(args, Given.texts(in.get("env")), to).build();
    JsonObject told = new JsonObject();
    told.addProperty("base_url", config.baseUrl());
    told.addProperty("api_key", config.apiKey());
    told.addProperty("timeout_s", config.timeoutSeconds());
    told.addProperty("max_retries", config.maxRetries());
    told.add("tags", shown(config.tags(), to));
    return told;
  }

  private static JsonElement error(JsonObject in, Generation to) {
    int status = in.get("status").getAsInt();
    JsonObject told = new JsonObject();
    told.addProperty("kind", TinkerException.Status.kind(status));
    told.addProperty("message", TinkerException.Status.message(status, in.has("body") ? text(in, "body") : ""));
    return told;
  }

  private static JsonElement events(JsonObject in, Generation to) {
    ServerSentEvents decoder = new ServerSentEvents();
    List<ServerSentEvents.Event> found = new ArrayList<>();
    for (JsonElement piece : in.getAsJsonArray("pieces")) {
      found.addAll(decoder.feed(Base64.getDecoder().decode(piece.getAsString())));
    }
    JsonArray told = new JsonArray();
    for (ServerSentEvents.Event event : found) {
      JsonObject each = new JsonObject();
      each.addProperty("data", event.data());
      event.name().ifPresent(name -> each.addProperty("event", name));
      event.id().ifPresent(id -> each.addProperty("id", id));
      event.retry().ifPresent(retry -> each.addProperty("retry", retry));
      told.add(each);
    }
    return told;
  }

  private static JsonElement batches(JsonObject in, Generation to) {
    EventQueue queue = new EventQueue();
    TelemetryEvent event = new Events().started();
    for (int count = in.get("events").getAsInt(); count > 0; count--) {
      queue.put(event);
    }
    JsonArray sizes = new JsonArray();
    for (List<TelemetryEvent> batch = queue.batch(); !batch.isEmpty(); batch = queue.batch()) {
      sizes.add(batch.size());
    }
    JsonObject told = new JsonObject();
    told.add("batches", sizes);
    told.addProperty("dropped", queue.dropped());
    return told;
  }

  private static JsonElement exception(JsonObject in, Generation to) {
    TelemetryEvent event = new Events().exception(planted(in.getAsJsonObject("error"), to));
    JsonObject all = shown(event, to).getAsJsonObject();
    all.keySet().retainAll(List.of("event", "severity", "event_name"));
    return all;
  }

  private static Throwable planted(JsonObject told, Generation to) {
    String planted = "planted";
    Throwable error = switch (text(told, "kind")) {
      case "status" -> new TinkerException.Status(told.get("status").getAsInt(), "", Map.of());
      case "request_failed" ->
        new TinkerException.RequestFailed(
            planted, "r", Categories.parse(told.has("category") ? text(told, "category") : "unknown", to));
      case "validation" -> new TinkerException.Validation(planted);
      case "timeout" -> new TinkerException.Timeout(planted);
      case "connection" -> new TinkerException.Connection(planted);
      default -> new IllegalStateException(planted);
    };
    if (told.has("cause") && told.get("cause").isJsonObject()) {
      error.initCause(planted(told.getAsJsonObject("cause"), to));
    }
    return error;
  }

  private static JsonElement indices(JsonObject in, Generation to) {
    Events events = new Events();
    JsonArray indices = new JsonArray();
    for (JsonElement kind : in.getAsJsonArray("events")) {
      TelemetryEvent event = switch (kind.getAsString()) {
        case "SESSION_START" -> events.started();
        case "SESSION_END" -> events.ended();
        case "UNHANDLED_EXCEPTION" -> events.exception(new IllegalStateException("planted"));
        default -> events.generic("planted", new JsonObject(), Telemetry.Severity.INFO);
      };
      indices.add(shown(event, to).getAsJsonObject().get("event_session_index"));
    }
    return indices;
  }

  private static JsonElement pages(JsonObject in, Generation to) {
    long total = in.get("total").getAsLong();
    JsonArray asked = new JsonArray();
    Pages.collect(
        (limit, offset) -> {
          asked.add(shown(List.of(limit, offset), to));
          return new Pages.Page<>(Collections.nCopies((int) Math.max(0, Math.min(limit, total - offset)), ""), total);
        },
        in.get("limit").getAsLong(),
        in.get("batch").getAsLong());
    return asked;
  }

  private static JsonElement form(JsonObject in, Generation to) {
    List<Multipart.Field> fields = new ArrayList<>();
    for (List<String> each : rows(in, "fields")) {
      fields.add(new Multipart.Field(each.get(0), each.get(1)));
    }
    List<Multipart.File> files = new ArrayList<>();
    for (List<String> each : rows(in, "files")) {
      files.add(new Multipart.File(each.get(0), each.get(1), each.get(2), Base64.getDecoder().decode(each.get(3))));
    }
    byte[] form = Multipart.encode(text(in, "boundary"), fields, files);
    return new JsonPrimitive(new String(form, StandardCharsets.UTF_8));
  }

  private static List<List<String>> rows(JsonObject in, String key) {
    List<List<String>> rows = new ArrayList<>();
    if (in.has(key)) {
      for (JsonElement row : in.getAsJsonArray(key)) {
        rows.add(row.getAsJsonArray().asList().stream().map(JsonElement::getAsString).toList());
      }
    }
    return rows;
  }

  private static JsonElement time(JsonObject in, Generation to) {
    String then = in.has("time") && !in.get("time").isJsonNull() ? text(in, "time") : "";
    return new JsonPrimitive(People.ago(then, Instant.parse(text(in, "now"))));
  }

  static JsonElement shown(Object value, Generation to) {
    return value == null ? JsonNull.INSTANCE : Given.codec(to).encode(value);
  }

  private static JsonPrimitive number(double value) {
    return new JsonPrimitive(value);
  }

  private static String text(JsonObject in, String key) {
    return in.get(key).getAsString();
  }

  /** The kind of a refusal as docs/cases.md writes it. */
  static String kind(UsageException error) {
    return error.kind().name().toLowerCase(Locale.ROOT);
  }
}
