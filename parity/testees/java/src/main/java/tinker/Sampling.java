package tinker;

import com.google.gson.JsonElement;
import com.google.gson.annotations.SerializedName;
import java.util.List;
import tinker.wire.Opt;
import tinker.wire.Presence;
import tinker.wire.Rules.Default;
import tinker.wire.Rules.IgnoreUnknown;
import tinker.wire.Rules.In;
import tinker.wire.Rules.Inline;
import tinker.wire.Rules.Literal;
import tinker.wire.Rules.Only;
import tinker.wire.Rules.Union;

/** Samples. */
public interface Sampling {
  @Literal("sample")
  record SampleRequest(
      @Default("1") Opt<Integer> numSamples,
      Input.ModelInput prompt,
      SamplingParams samplingParams,
      @In(Presence.OMIT_OR_NULL) Opt<String> baseModel,
      @In(Presence.OMIT_OR_NULL) Opt<String> modelPath,
      @In(Presence.OMIT_OR_NULL) Opt<String> samplingSessionId,
      @In(Presence.OMIT_OR_NULL) Opt<Long> seqId,
      @In(Presence.OMIT_OR_NULL) Opt<Boolean> promptLogprobs,
      @Default("0") Opt<Integer> topkPromptLogprobs,
      @Default("0") @Only(Dialects.V038) Opt<Integer> topkSampleLogprobs,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<Training.TensorData> targetPromptLogprobs,
      @Default("0") @Only(Dialects.V038) Opt<Integer> promptAltTokensK,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<Integer> promptLogprobsLastN,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<Boolean> recordStabilityInfo) {}

  /** How tokens are drawn; topK -1 keeps all candidates. */
  @IgnoreUnknown
  record SamplingParams(
      @In(Presence.OMIT_OR_NULL) Opt<Integer> maxTokens,
      @In(Presence.OMIT_OR_NULL) Opt<Long> seed,
      @In(Presence.OMIT_OR_NULL) Opt<Stop> stop,
      @Default("1.0") Opt<Double> temperature,
      @Default("-1") Opt<Integer> topK,
      @Default("1.0") Opt<Double> topP) {}

  @Union
  sealed interface Stop permits StopText, StopTexts, StopTokens {}

  @Inline
  record StopText(String text) implements Stop {}

  @Inline
  record StopTexts(List<String> texts) implements Stop {}

  @Inline
  record StopTokens(List<Long> tokens) implements Stop {}

  /**
   * promptLogprobs has one entry per prompt token, null where there is none. Top-k candidates are pairs of id and
   * logprob.
   */
  @Literal("sample")
  @IgnoreUnknown
  record SampleResponse(
      List<SampledSequence> sequences,
      @In(Presence.OMIT_OR_NULL) Opt<List<Opt<Double>>> promptLogprobs,
      @In(Presence.OMIT_OR_NULL) Opt<List<Opt<List<List<JsonElement>>>>> topkPromptLogprobs) {}

  @IgnoreUnknown
  record SampledSequence(
      StopReason stopReason, List<Long> tokens, @In(Presence.OMIT_OR_NULL) Opt<List<Double>> logprobs) {}

  enum StopReason {
    @SerializedName("length") LENGTH,
    @SerializedName("stop") STOP
  }

  /** baseModel or modelPath; 0.4.1 sends the other as null. */
  @Literal("create_sampling_session")
  record CreateSamplingSessionRequest(
      String sessionId,
      long samplingSessionSeqId,
      @In(Presence.OMIT_OR_NULL) Opt<String> baseModel,
      @In(Presence.OMIT_OR_NULL) Opt<String> modelPath) {}

  @Literal("create_sampling_session")
  @IgnoreUnknown
  record CreateSamplingSessionResponse(String samplingSessionId) {}

  @Inline
  record TopkLogprobs(List<TopkCandidates> positions) {}

  @Inline
  record TopkCandidates(@In(Presence.NULL) Opt<TokenLogprobs> candidates) {}

  @Inline
  record TokenLogprobs(List<List<JsonElement>> pairs) {}
}
