package tinker;

import com.google.gson.annotations.SerializedName;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import tinker.wire.Opt;
import tinker.wire.Presence;
import tinker.wire.Rules.Default;
import tinker.wire.Rules.IgnoreUnknown;
import tinker.wire.Rules.In;
import tinker.wire.Rules.Only;

/** Training runs, as REST lists them. */
public interface Runs {
  @IgnoreUnknown
  record TrainingRun(
      String trainingRunId,
      String baseModel,
      String modelOwner,
      boolean isLora,
      @Default("false") Opt<Boolean> corrupted,
      @In(Presence.OMIT_OR_NULL) Opt<Integer> loraRank,
      Instant lastRequestTime,
      @In(Presence.OMIT_OR_NULL) Opt<Checkpoints.Checkpoint> lastCheckpoint,
      @In(Presence.OMIT_OR_NULL) Opt<Checkpoints.Checkpoint> lastSamplerCheckpoint,
      @In(Presence.OMIT_OR_NULL) Opt<Map<String, String>> userMetadata) {}

  enum AccessScope {
    @SerializedName("owned") OWNED,
    @SerializedName("accessible") ACCESSIBLE
  }

  record ListTrainingRunsRequest(
      @Default("20") Opt<Integer> limit,
      @Default("0") Opt<Integer> offset,
      @Default("\"owned\"") @Only(Dialects.V038) Opt<AccessScope> accessScope,
      @In(Presence.OMIT) @Only(Dialects.V038) Opt<String> projectId) {}

  @IgnoreUnknown
  record TrainingRunsResponse(List<TrainingRun> trainingRuns, Checkpoints.Cursor cursor) {}

  record GetTrainingRunRequest(
      String trainingRunId, @Default("\"owned\"") @Only(Dialects.V038) Opt<AccessScope> accessScope) {}
}
