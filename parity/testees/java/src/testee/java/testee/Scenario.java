package testee;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import tinker.client.Config;
import tinker.client.Generation;
import tinker.client.RateLimit;
import tinker.client.SamplingClient;
import tinker.client.ServiceClient;
import tinker.client.TinkerException;
import tinker.client.TrainingClient;
import tinker.client.UsageException;

/** A script of steps, done by clients that share nothing with those of other scenarios. */
final class Scenario implements AutoCloseable {
  /** One client, and the clients that it made, by name. */
  record Actor(
      ServiceClient service, Map<String, TrainingClient> trainers, Map<String, SamplingClient> samplers) {}

  private static final String KEY = "tml-key";

  final Generation generation;
  final NotedClock clock;
  private final JsonObject given;
  private final RateLimit.Shared limits;
  private final Map<String, Actor> actors = new ConcurrentHashMap<>();
  private final ExecutorService workers = Executors.newCachedThreadPool();

  private Scenario(JsonObject given, Generation generation) {
    this.given = given;
    this.generation = generation;
    JsonObject config = config(given);
    this.clock = new NotedClock(config.has("real_time") && config.get("real_time").getAsBoolean());
    this.limits = new RateLimit.Shared(clock);
  }

  private static JsonObject config(JsonObject told) {
    return told.has("config") ? told.getAsJsonObject("config") : new JsonObject();
  }

  /** The outcomes of all steps, and what the clients would have slept. */
  static JsonElement play(JsonObject given, Generation generation) throws Exception {
    try (Scenario scenario = new Scenario(given, generation)) {
      JsonObject told = new JsonObject();
      told.add("steps", scenario.inTurn(given.getAsJsonArray("steps")));
      told.add("slept_s", scenario.clock.slept());
      return told;
    }
  }

  @Override
  public void close() {
    actors.values().forEach(actor -> actor.service().close());
    workers.shutdownNow();
  }

  /** Works on something while the next step begins. */
  Future<JsonElement> later(Callable<JsonElement> work) {
    return workers.submit(work);
  }

  private JsonArray inTurn(JsonArray steps) throws Exception {
    JsonArray outcomes = new JsonArray();
    for (JsonElement step : steps) {
      outcomes.add(begin(step.getAsJsonObject()).get());
    }
    return outcomes;
  }

  /** Begins a step, and gives its outcome; of several steps, a list. */
  private Future<JsonElement> begin(JsonObject step) {
    switch (step.get("do").getAsString()) {
      case "in_turn":
        return later(() -> inTurn(step.getAsJsonArray("steps")));
      case "together":
        List<Future<JsonElement>> all = new ArrayList<>();
        step.getAsJsonArray("steps").forEach(each -> all.add(begin(each.getAsJsonObject())));
        return later(() -> {
          JsonArray outcomes = new JsonArray();
          for (Future<JsonElement> each : all) {
            outcomes.add(each.get());
          }
          return outcomes;
        });
      default:
        Future<JsonElement> begun = call(step);
        return later(() -> outcome(begun));
    }
  }

  private Future<JsonElement> call(JsonObject step) {
    String name = step.get("do").getAsString();
    JsonObject told = step.has("with") ? step.getAsJsonObject("with") : new JsonObject();
    try {
      if (name.equals("client")) {
        actors.put(text(told, "as"), actor(config(told)));
        return CompletableFuture.completedFuture(new JsonObject());
      }
      Steps.Step known = Steps.ALL.get(name);
      if (known == null) {
        throw new Calls.Unsupported("there is no step " + name);
      }
      return known.begin(this, named(told.has("client") ? text(told, "client") : ""), told);
    } catch (Exception refused) {
      return CompletableFuture.failedFuture(refused);
    }
  }

  private static JsonElement outcome(Future<JsonElement> begun) throws InterruptedException {
    JsonObject outcome = new JsonObject();
    try {
      outcome.add("ok", begun.get());
    } catch (ExecutionException failed) {
      outcome.add("error", error(failed));
    }
    return outcome;
  }

  private static String text(JsonObject told, String key) {
    return told.get(key).getAsString();
  }

  private static JsonObject error(ExecutionException failed) {
    Throwable cause = failed;
    while (cause instanceof ExecutionException) {
      cause = cause.getCause();
    }
    JsonObject told = new JsonObject();
    if (cause instanceof TinkerException.Status status) {
      told.addProperty("kind", "status");
      told.addProperty("status", status.status());
      told.addProperty("retryable", status.retryable());
    } else if (cause instanceof TinkerException.Expired expired) {
      told.addProperty("kind", "status");
      told.addProperty("status", 410);
      told.addProperty("retryable", expired.retryable());
    } else if (cause instanceof TinkerException.RequestFailed request) {
      told.addProperty("kind", "request_failed");
      told.add("category", PureCalls.shown(request.category(), Generation.V041));
      told.addProperty("retryable", request.retryable());
    } else if (cause instanceof TinkerException.Validation) {
      told.addProperty("kind", "validation");
    } else if (cause instanceof TinkerException.Timeout || cause instanceof TimeoutException) {
      told.addProperty("kind", "timeout");
    } else if (cause instanceof TinkerException.Connection) {
      told.addProperty("kind", "connection");
    } else if (cause instanceof UsageException || cause instanceof NoSuchElementException) {
      told.addProperty("kind", "usage");
    } else if (cause instanceof Calls.Unsupported unsupported) {
      throw unsupported;
    } else {
      throw new IllegalStateException(cause);
    }
    return told;
  }

  private synchronized Actor named(String name) {
    if (name.isEmpty() && !actors.containsKey(name)) {
      actors.put(name, actor(config(given)));
    }
    return actors.get(name);
  }

  private Actor actor(JsonObject told) {
    String address = given.get("base_url").getAsString();
    address += told.has("base_path") ? told.get("base_path").getAsString() : "";
    Map<String, String> env = new HashMap<>();
    for (Map.Entry<String, String> entry : Given.texts(told.get("env")).entrySet()) {
      env.put(entry.getKey(), entry.getValue().replace("{base_url}", address));
    }
    Config.Builder config = Given.config(told, env, generation);
    if (!env.containsKey("TINKER_BASE_URL")) {
      config.baseUrl(address);
    }
    if (!told.has("api_key") && !told.has("env")) {
      config.apiKey(KEY);
    }
    if (!told.has("telemetry") && !env.containsKey("TINKER_TELEMETRY")) {
      config.telemetry(false);
    }
    double draw = given.has("random") ? given.get("random").getAsDouble() : 0;
    ServiceClient service = new ServiceClient(config.build(), clock, () -> draw, limits);
    return new Actor(service, new ConcurrentHashMap<>(), new ConcurrentHashMap<>());
  }
}
