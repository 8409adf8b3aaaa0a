package tinker.client;

import java.util.OptionalDouble;
import tinker.Model.CreateModelResponse;
import tinker.Optimizer.OptimStepResponse;
import tinker.Sampling.SampleResponse;
import tinker.Training.ForwardBackwardOutput;
import tinker.Weights.LoadWeightsResponse;
import tinker.Weights.SaveWeightsForSamplerResponse;
import tinker.Weights.SaveWeightsResponse;

/**
 * What a long call answers at once.
 *
 * @param roundtrip seconds that the call took
 */
public record Promise<T>(Kind<T> kind, String requestId, OptionalDouble roundtrip) {
  /** A long call: where it goes, how the service calls it, and what its result is. */
  public record Kind<T>(String path, String name, Class<T> result) {
    public static final Kind<CreateModelResponse> CREATE_MODEL =
        new Kind<>("/api/v1/create_model", "CreateModel", CreateModelResponse.class);
    public static final Kind<ForwardBackwardOutput> FORWARD =
        new Kind<>("/api/v1/forward", "Forward", ForwardBackwardOutput.class);
    public static final Kind<ForwardBackwardOutput> FORWARD_BACKWARD =
        new Kind<>("/api/v1/forward_backward", "ForwardBackward", ForwardBackwardOutput.class);
    public static final Kind<OptimStepResponse> OPTIM_STEP =
        new Kind<>("/api/v1/optim_step", "OptimStep", OptimStepResponse.class);
    public static final Kind<SaveWeightsResponse> SAVE_WEIGHTS =
        new Kind<>("/api/v1/save_weights", "SaveWeights", SaveWeightsResponse.class);
    public static final Kind<LoadWeightsResponse> LOAD_WEIGHTS =
        new Kind<>("/api/v1/load_weights", "LoadWeights", LoadWeightsResponse.class);
    public static final Kind<SaveWeightsForSamplerResponse> SAVE_WEIGHTS_FOR_SAMPLER =
        new Kind<>("/api/v1/save_weights_for_sampler", "SaveWeightsForSampler", SaveWeightsForSamplerResponse.class);
    public static final Kind<SampleResponse> SAMPLE = new Kind<>("/api/v1/asample", "Sample", SampleResponse.class);
  }
}
