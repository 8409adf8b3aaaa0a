package tinker;

import com.google.gson.JsonObject;
import tinker.wire.Opt;
import tinker.wire.Presence;
import tinker.wire.Rules.Default;
import tinker.wire.Rules.IgnoreUnknown;
import tinker.wire.Rules.In;
import tinker.wire.Rules.Literal;
import tinker.wire.Rules.Only;

/** Models under training. */
public interface Model {
  /** Which parts of the base model get adapters, and of which rank. */
  record LoraConfig(
      int rank,
      @In(Presence.OMIT_OR_NULL) Opt<Long> seed,
      @Default("true") Opt<Boolean> trainUnembed,
      @Default("true") Opt<Boolean> trainMlp,
      @Default("true") Opt<Boolean> trainAttn) {}

  /** Creates a model; modelSeqId counts from 0 in each session. */
  @Literal("create_model")
  record CreateModelRequest(
      String sessionId,
      long modelSeqId,
      String baseModel,
      @In(Presence.OMIT_OR_NULL) Opt<JsonObject> userMetadata,
      @In(Presence.OMIT_OR_NULL) Opt<LoraConfig> loraConfig,
      @Default("{\"type\":\"adamw\"}") @Only(Dialects.V038) Opt<Weights.OptimizerConfig> optimizerConfig) {}

  @Literal("create_model")
  @IgnoreUnknown
  record CreateModelResponse(String modelId) {}

  @Literal("get_info")
  record GetInfoRequest(String modelId) {}

  @Literal("get_info")
  @IgnoreUnknown
  record GetInfoResponse(
      ModelData modelData,
      String modelId,
      @Default("{\"type\":\"adamw\"}") @Only(Dialects.V038) Opt<Weights.OptimizerConfig> optimizerConfig,
      @In(Presence.OMIT_OR_NULL) Opt<Boolean> isLora,
      @In(Presence.OMIT_OR_NULL) Opt<Integer> loraRank,
      @In(Presence.OMIT_OR_NULL) Opt<String> modelName) {}

  @IgnoreUnknown
  record ModelData(
      @In(Presence.OMIT_OR_NULL) Opt<String> arch,
      @In(Presence.OMIT_OR_NULL) Opt<String> modelName,
      @In(Presence.OMIT_OR_NULL) Opt<String> tokenizerId) {}

  @Literal("unload_model")
  record UnloadModelRequest(String modelId) {}

  @Literal("unload_model")
  @IgnoreUnknown
  record UnloadModelResponse(String modelId) {}
}
