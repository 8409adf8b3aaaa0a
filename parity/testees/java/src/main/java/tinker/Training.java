package tinker;

import com.google.gson.annotations.SerializedName;
import java.util.List;
import java.util.Map;
import tinker.wire.Opt;
import tinker.wire.Presence;
import tinker.wire.Rules.IgnoreUnknown;
import tinker.wire.Rules.In;
import tinker.wire.Rules.Inline;
import tinker.wire.Rules.Only;
import tinker.wire.Rules.Union;

/** Tensors, examples, and passes over them. */
public interface Training {
  /** A tensor, flattened with the last dimension fastest. */
  record TensorData(
      TensorValues data,
      TensorDtype dtype,
      @In(Presence.OMIT_OR_NULL) Opt<List<Long>> shape,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<List<Long>> sparseCrowIndices,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<List<Long>> sparseColIndices) {}

  /** Integers; floats where one of the numbers has a fraction. */
  @Union
  sealed interface TensorValues permits Ints, Floats {}

  @Inline
  record Ints(List<Long> values) implements TensorValues {}

  @Inline
  record Floats(List<Double> values) implements TensorValues {}

  enum TensorDtype {
    @SerializedName("int64") INT64,
    @SerializedName("float32") FLOAT32
  }

  /** One training example. */
  record Datum(Map<String, TensorData> lossFnInputs, Input.ModelInput modelInput) {}

  /** A batch and its loss. */
  record ForwardBackwardInput(
      List<Datum> data,
      LossFnType lossFn,
      @In(Presence.OMIT_OR_NULL) Opt<Map<String, LossFnConfigValue>> lossFnConfig) {}

  enum LossFnType {
    @SerializedName("cross_entropy") CROSS_ENTROPY,
    @SerializedName("importance_sampling") IMPORTANCE_SAMPLING,
    @SerializedName("ppo") PPO,
    @SerializedName("cispo") @Only(Dialects.V038) CISPO,
    @SerializedName("dro") @Only(Dialects.V038) DRO,
    @SerializedName("gspo") @Only(Dialects.V038) GSPO,
    @SerializedName("stable_reinforce") @Only(Dialects.V038) STABLE_REINFORCE,
    @SerializedName("custom") @Only(Dialects.V038) CUSTOM
  }

  @Union
  sealed interface LossFnConfigValue permits LossFnNumber, LossFnText {}

  @Inline
  record LossFnNumber(double value) implements LossFnConfigValue {}

  @Inline
  @Only(Dialects.V038)
  record LossFnText(String value) implements LossFnConfigValue {}

  record ForwardBackwardRequest(
      ForwardBackwardInput forwardBackwardInput,
      String modelId,
      @In(Presence.OMIT_OR_NULL) Opt<Long> seqId) {}

  /** One map of tensors per datum, and metrics by "name:reduction". */
  @IgnoreUnknown
  record ForwardBackwardOutput(
      String lossFnOutputType,
      List<Map<String, TensorData>> lossFnOutputs,
      Map<String, Double> metrics) {}

  @Only({Dialects.V041, Dialects.TINKEX})
  record ForwardRequest(
      ForwardBackwardInput forwardInput, String modelId, @In(Presence.OMIT_OR_NULL) Opt<Long> seqId) {}

  @Inline
  record LossFnConfig(Map<String, LossFnConfigValue> entries) {}

  /** What a loss gives for one datum. */
  @Inline
  record LossFnOutput(Map<String, TensorData> tensors) {}
}
