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
  final NotedClock clock = new NotedClock();
  private final JsonObject given;
  private final RateLimit.Shared limits = new RateLimit.Shared(clock);
  private final Map<String, Actor> actors = new HashMap<>();
  private final ExecutorService workers = Executors.newCachedThreadPool();

  private Scenario(JsonObject given, Generation generation) {
    this.given = given;
    this.generation = generation;
  }

  /** The outcomes of all steps, and what the clients would have slept. */
  static JsonElement play(JsonObject given, Generation generation) throws InterruptedException {
    try (Scenario scenario = new Scenario(given, generation)) {
      JsonArray outcomes = new JsonArray();
      for (JsonElement step : given.getAsJsonArray("steps")) {
        outcomes.add(scenario.outcome(scenario.begin(step.getAsJsonObject())));
      }
      JsonObject told = new JsonObject();
      told.add("steps", outcomes);
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

  private Future<JsonElement> begin(JsonObject step) {
    String name = step.get("do").getAsString();
    JsonObject told = step.has("with") ? step.getAsJsonObject("with") : new JsonObject();
    try {
      if (name.equals("together")) {
        return together(step.getAsJsonArray("steps"));
      } else if (name.equals("client")) {
        actors.put(told.get("as").getAsString(), actor(told.has("config") ? told.getAsJsonObject("config") : new JsonObject()));
        return CompletableFuture.completedFuture(new JsonObject());
      }
      Steps.Step known = Steps.ALL.get(name);
      if (known == null) {
        throw new Calls.Unsupported("there is no step " + name);
      }
      return known.begin(this, named(told.has("client") ? told.get("client").getAsString() : ""), told);
    } catch (Calls.Unsupported unsupported) {
      throw unsupported;
    } catch (Exception refused) {
      return CompletableFuture.failedFuture(refused);
    }
  }

  /** Outcomes in a list, not an outcome. */
  private Future<JsonElement> together(JsonArray steps) throws InterruptedException {
    List<Future<JsonElement>> begun = new ArrayList<>();
    for (JsonElement step : steps) {
      begun.add(begin(step.getAsJsonObject()));
    }
    JsonArray outcomes = new JsonArray();
    for (Future<JsonElement> each : begun) {
      outcomes.add(outcome(each));
    }
    return CompletableFuture.completedFuture(outcomes);
  }

  private JsonElement outcome(Future<JsonElement> begun) throws InterruptedException {
    JsonObject outcome = new JsonObject();
    try {
      JsonElement result = begun.get();
      if (result instanceof JsonArray list && list.size() > 0 && isOutcome(list.get(0))) {
        return list;
      }
      outcome.add("ok", result);
    } catch (ExecutionException failed) {
      outcome.add("error", error(failed));
    }
    return outcome;
  }

  private static boolean isOutcome(JsonElement each) {
    return each instanceof JsonObject object && (object.has("ok") || object.has("error"));
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
    } else {
      throw new IllegalStateException(cause);
    }
    return told;
  }

  private Actor named(String name) {
    if (name.isEmpty() && !actors.containsKey(name)) {
      actors.put(name, actor(given.has("config") ? given.getAsJsonObject("config") : new JsonObject()));
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
    return new Actor(service, new HashMap<>(), new HashMap<>());
  }
}
