package testee;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.Future;
import tinker.Input.EncodedTextChunk;
import tinker.Input.ModelInput;
import tinker.Optimizer.AdamParams;
import tinker.Sampling.SamplingParams;
import tinker.Telemetry.Severity;
import tinker.Training.Datum;
import tinker.Training.ForwardBackwardInput;
import tinker.client.Http;
import tinker.client.Promise;
import tinker.client.Promise.Kind;
import tinker.client.Reporter;
import tinker.client.RestClient;
import tinker.client.SamplingClient;
import tinker.client.ServiceClient;
import tinker.client.TrainingClient;
import tinker.client.Urls;
import tinker.wire.Json;
import tinker.wire.WireException;

/** The steps of scenarios, each one call of the client. */
final class Steps {
  interface Step {
    /** Begins, and gives what will come of it. */
    Future<JsonElement> begin(Scenario scenario, Scenario.Actor actor, JsonObject told) throws Exception;
  }

  /** A step that takes its time. */
  private interface Slow {
    Object run(Scenario scenario, Scenario.Actor actor, JsonObject told) throws Exception;
  }

  /** A call of a training client. */
  private interface Trains {
    Future<?> begin(TrainingClient client, JsonObject told, Scenario scenario);
  }

  private static final Map<String, Kind<?>> KINDS =
      Map.of(
          "create_model", Kind.CREATE_MODEL,
          "forward", Kind.FORWARD,
          "forward_backward", Kind.FORWARD_BACKWARD,
          "optim_step", Kind.OPTIM_STEP,
          "save_weights", Kind.SAVE_WEIGHTS,
          "load_weights", Kind.LOAD_WEIGHTS,
          "save_weights_for_sampler", Kind.SAVE_WEIGHTS_FOR_SAMPLER,
          "sample", Kind.SAMPLE);

  static final Map<String, Step> ALL = new HashMap<>();

  static {
    slow("http", Steps::http);
    slow("service.capabilities", (stage, actor, told) -> actor.service().rest().getServerCapabilities());
    slow("training.create", (stage, actor, told) -> {
      OptionalLong seed = told.has("seed") ? OptionalLong.of(told.get("seed").getAsLong()) : OptionalLong.empty();
      int rank = told.has("rank") ? told.get("rank").getAsInt() : ServiceClient.RANK;
      Map<String, String> metadata = Given.texts(told.get("user_metadata"));
      return known(
          actor,
          told,
          actor.service().createTrainingClient(new ServiceClient.Lora(text(told, "base_model"), rank, seed, metadata)));
    });
    slow("training.from_state", (stage, actor, told) -> {
      boolean optimizer = told.has("optimizer") && told.get("optimizer").getAsBoolean();
      return known(actor, told, actor.service().createTrainingClientFromState(text(told, "path"), optimizer));
    });
    slow("training.info", (stage, actor, told) -> trainer(actor, told).getInfo());
    trains("training.forward", false, (client, told, stage) -> {
      ForwardBackwardInput batch = batch(told, stage);
      return client.forward(batch.data(), batch.lossFn(), batch.lossFnConfig());
    });
    trains("training.forward_backward", false, (client, told, stage) -> {
      ForwardBackwardInput batch = batch(told, stage);
      return client.forwardBackward(batch.data(), batch.lossFn(), batch.lossFnConfig());
    });
    trains("training.optim_step", false, (client, told, stage) -> {
      JsonElement adam = told.has("adam") ? told.get("adam") : new JsonObject();
      return client.optimStep(Given.message(AdamParams.class, adam, stage.generation));
    });
    trains("training.save_state", true, (client, told, stage) -> client.saveState(text(told, "name")));
    trains(
        "training.save_for_sampler", true, (client, told, stage) -> client.saveWeightsForSampler(text(told, "name")));
    ALL.put("training.load_state", (stage, actor, told) ->
        done(stage, trainer(actor, told).loadState(text(told, "path"))));
    ALL.put("training.load_state_with_optimizer", (stage, actor, told) ->
        done(stage, trainer(actor, told).loadStateWithOptimizer(text(told, "path"))));
    slow("sampling.create", (stage, actor, told) -> {
      ServiceClient service = actor.service();
      SamplingClient client = told.has("base_model")
          ? service.createSamplingClient(text(told, "base_model"))
          : service.createSamplingClientFromPath(text(told, "model_path"));
      return named(actor, told, client);
    });
    ALL.put("sampling.from_training", (stage, actor, told) -> {
      Future<SamplingClient> saved = trainer(actor, told).saveWeightsAndGetSamplingClient();
      return stage.later(() -> named(actor, told, saved.get()));
    });
    ALL.put("sampling.sample", Steps::sample);
    ALL.put("sampling.compute_logprobs", (stage, actor, told) -> {
      var logprobs = sampler(actor, told).computeLogprobs(tokens(told));
      return stage.later(() -> {
        JsonArray shown = new JsonArray();
        logprobs.get().forEach(each ->
            shown.add(each.isPresent() ? new JsonPrimitive(each.get()) : JsonNull.INSTANCE));
        return shown;
      });
    });
    slow("rest.training_runs", (stage, actor, told) ->
        actor.service().rest().listTrainingRuns(number(told, "limit", RestClient.RUNS), number(told, "offset", 0)));
    slow("rest.training_run", (stage, actor, told) -> actor.service().rest().getTrainingRun(text(told, "run")));
    slow("rest.checkpoints", (stage, actor, told) -> actor.service().rest().listCheckpoints(text(told, "run")));
    slow("rest.user_checkpoints", (stage, actor, told) ->
        actor
            .service()
            .rest()
            .listUserCheckpoints(number(told, "limit", RestClient.CHECKPOINTS), number(told, "offset", 0)));
    slow("rest.archive_url", (stage, actor, told) -> {
      JsonObject shown = new JsonObject();
      shown.addProperty("url", actor.service().rest().getCheckpointArchiveUrl(text(told, "path")).url());
      return shown;
    });
    slow("rest.publish", (stage, actor, told) -> {
      actor.service().rest().publishCheckpoint(text(told, "path"));
      return new JsonObject();
    });
    slow("rest.unpublish", (stage, actor, told) -> {
      actor.service().rest().unpublishCheckpoint(text(told, "path"));
      return new JsonObject();
    });
    slow("rest.delete", (stage, actor, told) -> {
      actor.service().rest().deleteCheckpoint(text(told, "path"));
      return new JsonObject();
    });
    slow("future.result", Steps::result);
    slow("telemetry.send", Steps::telemetry);
  }

  private Steps() {}

  private static void slow(String name, Slow step) {
    ALL.put(name, (stage, actor, told) ->
        stage.later(() -> PureCalls.shown(step.run(stage, actor, told), stage.generation)));
  }

  private static void trains(String name, boolean pathOnly, Trains call) {
    ALL.put(name, (stage, actor, told) -> {
      Future<?> begun = call.begin(trainer(actor, told), told, stage);
      return stage.later(() -> {
        JsonObject shown = PureCalls.shown(begun.get(), stage.generation).getAsJsonObject();
        if (pathOnly) {
          shown.keySet().retainAll(List.of("path"));
        }
        return shown;
      });
    });
  }

  private static Future<JsonElement> done(Scenario stage, Future<?> begun) {
    return stage.later(() -> {
      begun.get();
      return new JsonObject();
    });
  }

  private static Object http(Scenario stage, Scenario.Actor actor, JsonObject told) throws Exception {
    Http.Call call = Http.Call.of(text(told, "method"), text(told, "path")).headers(Given.texts(told.get("headers")));
    if (told.has("body")) {
      call = call.body(Given.bytes(told.get("body")));
    }
    if (told.get("query") instanceof JsonPrimitive text) {
      call = call.query(text.getAsString());
    } else if (told.get("query") instanceof JsonObject params) {
      Map<String, Object> plain = new LinkedHashMap<>();
      params.asMap().forEach((key, value) -> plain.put(key, Given.plain(value)));
      call = call.query(Urls.query(plain, Urls.Arrays.REPEAT, Urls.Objects.BRACKETS));
    }
    call = told.has("timeout_s") ? call.timeout(told.get("timeout_s").getAsDouble()) : call;
    call = told.has("max_retries") ? call.retries(told.get("max_retries").getAsInt()) : call;
    Http.Answer answer = actor.service().http().send(call);
    JsonObject shown = new JsonObject();
    shown.addProperty("status", answer.status());
    try {
      shown.add("json", Json.parse(answer.body()));
    } catch (WireException noJson) {
      shown.add("json", JsonNull.INSTANCE);
    }
    return shown;
  }

  private static Future<JsonElement> sample(Scenario stage, Scenario.Actor actor, JsonObject told) {
    JsonElement params = told.has("params") ? told.get("params") : new JsonObject();
    SamplingClient.Options options =
        new SamplingClient.Options(
            number(told, "num_samples", 1),
            Given.message(SamplingParams.class, params, stage.generation),
            told.has("prompt_logprobs") && told.get("prompt_logprobs").getAsBoolean(),
            number(told, "topk_prompt_logprobs", 0));
    var sampled = sampler(actor, told).sample(tokens(told), options);
    return stage.later(() -> PureCalls.shown(sampled.get(), stage.generation));
  }

  private static Object result(Scenario stage, Scenario.Actor actor, JsonObject told) throws Exception {
    JsonArray observed = new JsonArray();
    Promise<?> promise = new Promise<>(KINDS.get(text(told, "type")), text(told, "request_id"), OptionalDouble.empty());
    Future<?> future =
        actor.service().result(promise, state -> observed.add(PureCalls.shown(state, stage.generation)));
    try {
      Object result = told.has("timeout_s") ? stage.clock.await(future, told.get("timeout_s").getAsDouble()) : future.get();
      if (!told.has("observe") || !told.get("observe").getAsBoolean()) {
        return result;
      }
      JsonObject shown = new JsonObject();
      shown.add("result", PureCalls.shown(result, stage.generation));
      shown.add("observed", observed);
      return shown;
    } finally {
      future.cancel(true);
    }
  }

  private static Object telemetry(Scenario stage, Scenario.Actor actor, JsonObject told) throws Exception {
    Reporter reporter = actor.service().telemetry();
    List<JsonElement> events =
        told.get("events") instanceof JsonObject repeated
            ? Collections.nCopies(repeated.get("count").getAsInt(), repeated.get("event"))
            : told.getAsJsonArray("events").asList();
    for (JsonElement each : events) {
      JsonObject event = each.getAsJsonObject();
      String name = event.has("name") ? text(event, "name") : "planted";
      switch (text(event, "kind")) {
        case "UNHANDLED_EXCEPTION" -> reporter.exception(new IllegalStateException(name));
        case "GENERIC_EVENT" -> {
          JsonObject data = event.has("data") ? event.getAsJsonObject("data") : new JsonObject();
          reporter.event(name, data, Severity.INFO);
        }
        default -> {} // SESSION_START is told by itself
      }
    }
    reporter.flush();
    return new JsonObject();
  }

  private static JsonElement known(Scenario.Actor actor, JsonObject told, TrainingClient client) {
    actor.trainers().put(told.has("as") ? text(told, "as") : "training", client);
    JsonObject shown = new JsonObject();
    shown.addProperty("model_id", client.modelId());
    return shown;
  }

  private static JsonElement named(Scenario.Actor actor, JsonObject told, SamplingClient client) {
    actor.samplers().put(told.has("as") ? text(told, "as") : "sampling", client);
    return new JsonObject();
  }

  private static TrainingClient trainer(Scenario.Actor actor, JsonObject told) {
    return there(actor.trainers(), told.has("on") ? text(told, "on") : "training");
  }

  private static SamplingClient sampler(Scenario.Actor actor, JsonObject told) {
    return there(actor.samplers(), told.has("on") ? text(told, "on") : "sampling");
  }

  private static <T> T there(Map<String, T> clients, String name) {
    T client = clients.get(name);
    if (client == null) {
      throw new NoSuchElementException("no client is called " + name);
    }
    return client;
  }

  private static ForwardBackwardInput batch(JsonObject told, Scenario stage) {
    JsonObject input = new JsonObject();
    JsonArray one = new JsonArray();
    int count = 1;
    if (told.get("data") instanceof JsonObject repeated) {
      one.add(repeated.get("datum"));
      count = repeated.get("count").getAsInt();
    } else {
      one = told.getAsJsonArray("data");
    }
    input.add("data", one);
    input.add("loss_fn", told.get("loss_fn"));
    input.add("loss_fn_config", told.has("loss_fn_config") ? told.get("loss_fn_config") : JsonNull.INSTANCE);
    ForwardBackwardInput batch = Given.message(ForwardBackwardInput.class, input, stage.generation);
    List<Datum> data = new ArrayList<>();
    Collections.nCopies(count, batch.data()).forEach(data::addAll);
    return new ForwardBackwardInput(data, batch.lossFn(), batch.lossFnConfig());
  }

  private static ModelInput tokens(JsonObject told) {
    List<Long> tokens =
        told.get("tokens") instanceof JsonObject repeated
            ? Collections.nCopies(repeated.get("count").getAsInt(), repeated.get("token").getAsLong())
            : told.getAsJsonArray("tokens").asList().stream().map(JsonElement::getAsLong).toList();
    return new ModelInput(List.of(new EncodedTextChunk(tokens)));
  }

  private static int number(JsonObject told, String key, int otherwise) {
    return told.has(key) ? told.get(key).getAsInt() : otherwise;
  }

  private static String text(JsonObject told, String key) {
    return told.get(key).getAsString();
  }
}
