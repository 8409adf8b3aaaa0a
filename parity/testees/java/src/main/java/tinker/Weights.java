package tinker;

import com.google.gson.JsonObject;
import java.util.Map;
import tinker.wire.Opt;
import tinker.wire.Presence;
import tinker.wire.Rules.Between;
import tinker.wire.Rules.Default;
import tinker.wire.Rules.IgnoreUnknown;
import tinker.wire.Rules.In;
import tinker.wire.Rules.Literal;
import tinker.wire.Rules.Only;
import tinker.wire.Rules.Rest;
import tinker.wire.Rules.Union;

/** Saving and loading weights. */
public interface Weights {
  /** Saves a model; path is a bare name. */
  @Literal("save_weights")
  record SaveWeightsRequest(
      String modelId,
      @In(Presence.OMIT_OR_NULL) Opt<String> path,
      @In(Presence.OMIT_OR_NULL) Opt<Long> seqId,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<Long> ttlSeconds,
      @Default("false") @Only(Dialects.V038) Opt<Boolean> overwrite,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<Map<String, String>> userMetadata) {}

  /** Loads a checkpoint; path is a tinker:// URI. 0.38 demands optimizer, tinkex takes missing for false. */
  @Literal("load_weights")
  record LoadWeightsRequest(
      @In(dialect = Dialects.V038, value = Presence.OMIT_OR_NULL) Opt<String> modelId,
      String path,
      @In(Presence.OMIT_OR_NULL) Opt<Long> seqId,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<String> sessionId,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<Long> modelSeqId,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<String> baseModel,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<JsonObject> userMetadata,
      @Default(dialect = Dialects.TINKEX, value = "false")
          @Only({Dialects.V038, Dialects.TINKEX})
          Opt<Boolean> optimizer,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<OptimizerConfig> optimizerConfig,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<String> weightsAccessToken) {}

  /** The set is open: an optimizer that is not known here passes through whole. */
  @Union
  sealed interface OptimizerConfig permits AdamOptimizerConfig, DimuonOptimizerConfig, OtherOptimizer {}

  @Literal(value = "adamw", required = true)
  record AdamOptimizerConfig() implements OptimizerConfig {}

  @Literal(value = "dimuon", required = true)
  record DimuonOptimizerConfig(@Default("1") @Between(min = 1, max = 1) Opt<Integer> version)
      implements OptimizerConfig {}

  record OtherOptimizer(String type, @Rest JsonObject rest) implements OptimizerConfig {}

  @Literal("save_weights")
  @IgnoreUnknown
  record SaveWeightsResponse(String path) {}

  @Literal("load_weights")
  @IgnoreUnknown
  record LoadWeightsResponse(
      @In(Presence.OMIT_OR_NULL) Opt<String> path,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<String> modelId) {}

  /** With a path, a name, it is kept; with samplingSessionSeqId it lives as long as the session. */
  @Literal("save_weights_for_sampler")
  @Only({Dialects.V041, Dialects.TINKEX})
  record SaveWeightsForSamplerRequest(
      String modelId,
      @In(Presence.OMIT_OR_NULL) Opt<String> path,
      @In(Presence.OMIT_OR_NULL) Opt<Long> samplingSessionSeqId,
      @In(Presence.OMIT_OR_NULL) Opt<Long> seqId) {}

  @Literal("save_weights_for_sampler")
  @IgnoreUnknown
  record SaveWeightsForSamplerResponse(
      @In(Presence.OMIT_OR_NULL) Opt<String> path, @In(Presence.OMIT_OR_NULL) Opt<String> samplingSessionId) {}

  @Only({Dialects.V038, Dialects.TINKEX})
  record WeightsInfoRequest(String tinkerPath) {}

  /** What a new model has to be like, to load a checkpoint. */
  @IgnoreUnknown
  @Only({Dialects.V038, Dialects.TINKEX})
  record WeightsInfoResponse(
      String baseModel,
      @Default("{\"type\":\"adamw\"}") @Only(Dialects.V038) Opt<OptimizerConfig> optimizerConfig,
      boolean isLora,
      @In(Presence.OMIT_OR_NULL) Opt<Integer> loraRank,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<Boolean> trainUnembed,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<Boolean> trainMlp,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<Boolean> trainAttn) {}
}
