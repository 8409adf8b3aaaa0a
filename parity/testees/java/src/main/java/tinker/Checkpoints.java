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

/** Saved weights, as REST lists them. */
public interface Checkpoints {
  /** checkpointId as in the routes: "weights/0001". */
  @IgnoreUnknown
  record Checkpoint(
      String checkpointId,
      CheckpointType checkpointType,
      Instant time,
      String tinkerPath,
      @In(Presence.OMIT_OR_NULL) Opt<Long> sizeBytes,
      @SerializedName("public") @Default("false") Opt<Boolean> isPublic,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<Map<String, String>> userMetadata,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<Instant> expiresAt) {}

  enum CheckpointType {
    @SerializedName("training") TRAINING,
    @SerializedName("sampler") SAMPLER,
    @SerializedName("external") @Only(Dialects.V038) EXTERNAL
  }

  /** Where a page stands in the whole listing. */
  @IgnoreUnknown
  record Cursor(long offset, long limit, long totalCount) {}

  record ListUserCheckpointsRequest(@Default("100") Opt<Integer> limit, @Default("0") Opt<Integer> offset) {}

  record ListCheckpointsRequest(String trainingRunId) {}

  @IgnoreUnknown
  record CheckpointsListResponse(
      List<Checkpoint> checkpoints, @In(Presence.OMIT_OR_NULL) Opt<Cursor> cursor) {}

  record CheckpointRequest(String trainingRunId, String checkpointId) {}

  @IgnoreUnknown
  @Only({Dialects.V041, Dialects.TINKEX})
  record CheckpointArchiveUrlResponse(String url, Instant expires) {}
}
