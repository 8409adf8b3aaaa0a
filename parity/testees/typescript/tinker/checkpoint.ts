// Checkpoints and training runs, and what asks for them in path and query.
import { boolean, enumeration, int32, int64, list, map, string, type Infer } from "../wire/codec.ts";
import { always, field, message } from "../wire/message.ts";
import { timestamp } from "../wire/time.ts";

const newer = { only: ["tinker-0.38"] };
const CheckpointType = enumeration(["training", "sampler", "external"], { external: ["tinker-0.38"] });
const AccessScope = enumeration(["owned", "accessible"]);
const owned = { default: "owned", ...newer };

/** E.g. "weights/0001" at "tinker://run-1/weights/0001". */
export const Checkpoint = message("ignore", {
  checkpoint_id: always(string),
  checkpoint_type: always(CheckpointType),
  time: always(timestamp),
  tinker_path: always(string),
  size_bytes: field(int64, "omit_or_null"),
  public: field(boolean, "always", { default: false }),
  user_metadata: field(map(string), "omit_or_null", newer),
  expires_at: field(timestamp, "omit_or_null", newer),
});

/** Where in a listing a page is. */
export const Cursor = message("ignore", { offset: always(int64), limit: always(int64), total_count: always(int64) });

export const CheckpointsListResponse = message("ignore", {
  checkpoints: always(list(Checkpoint)),
  cursor: field(Cursor, "omit_or_null"),
});
export type CheckpointsListResponse = Infer<typeof CheckpointsListResponse>;

export const CheckpointArchiveUrlResponse = message("ignore", { url: always(string), expires: always(timestamp) });
export type CheckpointArchiveUrlResponse = Infer<typeof CheckpointArchiveUrlResponse>;

export const TrainingRun = message("ignore", {
  training_run_id: always(string),
  base_model: always(string),
  model_owner: always(string),
  is_lora: always(boolean),
  corrupted: field(boolean, "always", { default: false }),
  lora_rank: field(int32, "omit_or_null"),
  last_request_time: always(timestamp),
  last_checkpoint: field(Checkpoint, "omit_or_null"),
  last_sampler_checkpoint: field(Checkpoint, "omit_or_null"),
  user_metadata: field(map(string), "omit_or_null"),
});
export type TrainingRun = Infer<typeof TrainingRun>;

export const TrainingRunsResponse = message("ignore", { training_runs: always(list(TrainingRun)), cursor: always(Cursor) });
export type TrainingRunsResponse = Infer<typeof TrainingRunsResponse>;

export const CheckpointRequest = message("forbid", { training_run_id: always(string), checkpoint_id: always(string) });
export const ListCheckpointsRequest = message("forbid", { training_run_id: always(string) });
export const ListUserCheckpointsRequest = message("forbid", {
  limit: field(int32, "always", { default: 100 }),
  offset: field(int32, "always", { default: 0 }),
});
export const ListTrainingRunsRequest = message("forbid", {
  limit: field(int32, "always", { default: 20 }),
  offset: field(int32, "always", { default: 0 }),
  access_scope: field(AccessScope, "always", owned),
  project_id: field(string, "omit", newer),
});
export const GetTrainingRunRequest = message("forbid", {
  training_run_id: always(string),
  access_scope: field(AccessScope, "always", owned),
});
