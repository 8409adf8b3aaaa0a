package tinker;

import java.util.Map;
import tinker.wire.Opt;
import tinker.wire.Presence;
import tinker.wire.Rules.Default;
import tinker.wire.Rules.IgnoreUnknown;
import tinker.wire.Rules.In;
import tinker.wire.Rules.Literal;
import tinker.wire.Rules.Only;

/** Steps of an optimizer. */
public interface Optimizer {
  /** One Adam step. 0.4.1 sends only what the caller gave. */
  record AdamParams(
      @Default("0.0001") Opt<Double> learningRate,
      @Default("0.9") Opt<Double> beta1,
      @Default("0.95") Opt<Double> beta2,
      @Default("1e-12") Opt<Double> eps,
      @Default("0.0") @Only(Dialects.V038) Opt<Double> weightDecay,
      @Default("0.0") @Only(Dialects.V038) Opt<Double> gradClipNorm) {}

  /** 0.38 has other optimizers too, which are not written here. */
  @Literal("optim_step")
  @Only({Dialects.V041, Dialects.TINKEX})
  record OptimStepRequest(AdamParams adamParams, String modelId, @In(Presence.OMIT_OR_NULL) Opt<Long> seqId) {}

  @IgnoreUnknown
  record OptimStepResponse(@In(Presence.OMIT_OR_NULL) Opt<Map<String, Double>> metrics) {}
}
