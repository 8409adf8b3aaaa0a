// Saving and loading weights.
import { boolean, enumeration, int32, int64, map, object, string, type Infer } from "../wire/codec.ts";
import { always, field, literal, message, union } from "../wire/message.ts";

const newer = { only: ["tinker-0.38"] };
const required = { required: true };

/** Saves a model; path is a bare name. */
export const SaveWeightsRequest = message("forbid", {
  model_id: always(string),
  path: field(string, "omit_or_null"),
  seq_id: field(int64, "omit_or_null"),
  ttl_seconds: field(int64, "omit_or_null", newer),
  overwrite: field(boolean, "always", { default: false, ...newer }),
  user_metadata: field(map(string), "omit_or_null", newer),
  type: literal("save_weights"),
});
export type SaveWeightsRequest = Infer<typeof SaveWeightsRequest>;

export const AdamOptimizerConfig = message("forbid", { type: literal("adamw", required) });
export const DimuonOptimizerConfig = message("forbid", {
  type: literal("dimuon", required),
  version: field(int32.between(1, 1), "always", { default: 1 }),
});
/** An optimizer that is not known here passes through whole. */
export const OtherOptimizer = message("keep", { type: always(string) });

/** Whether nothing but these keys is there; what OtherOptimizer keeps stays JSON, so its numbers are no numbers. */
const holds = (type: string, ...keys: string[]) => (value: { type: string; [key: string]: unknown }) =>
  value.type === type && Object.entries(value).every(([key, item]) => key === "type" || (keys.includes(key) && typeof item === "number"));
export const OptimizerConfig = union([
  { codec: AdamOptimizerConfig, is: holds("adamw") },
  { codec: DimuonOptimizerConfig, is: holds("dimuon", "version") },
  { codec: OtherOptimizer, is: () => true },
]);
export type OptimizerConfig = Infer<typeof OptimizerConfig>;

/** Loads a checkpoint; path is a tinker:// URI. 0.38 demands optimizer, tinkex takes missing for false. */
export const LoadWeightsRequest = message("forbid", {
  model_id: field(string, "always", { per: { "tinker-0.38": "omit_or_null" } }),
  path: always(string),
  seq_id: field(int64, "omit_or_null"),
  session_id: field(string, "omit_or_null", newer),
  model_seq_id: field(int64, "omit_or_null", newer),
  base_model: field(string, "omit_or_null", newer),
  user_metadata: field(object, "omit_or_null", newer),
  optimizer: field(boolean, "always", { default: false, defaultIn: ["tinkex"], only: ["tinker-0.38", "tinkex"] }),
  optimizer_config: field(OptimizerConfig, "omit_or_null", newer),
  weights_access_token: field(string, "omit_or_null", newer),
  type: literal("load_weights"),
});
export type LoadWeightsRequest = Infer<typeof LoadWeightsRequest>;

/** The full URI. */
export const SaveWeightsResponse = message("ignore", { path: always(string), type: literal("save_weights") });
export type SaveWeightsResponse = Infer<typeof SaveWeightsResponse>;

export const LoadWeightsResponse = message("ignore", {
  path: field(string, "omit_or_null"),
  model_id: field(string, "omit_or_null", newer),
  type: literal("load_weights"),
});
export type LoadWeightsResponse = Infer<typeof LoadWeightsResponse>;

/** Saves under a name, or, with sampling_session_seq_id, for one sampling session. */
export const SaveWeightsForSamplerRequest = message("forbid", {
  model_id: always(string),
  path: field(string, "omit_or_null"),
  sampling_session_seq_id: field(int64, "omit_or_null"),
  kind: field(enumeration(["snapshot", "inflight"]), "always", { default: "snapshot", ...newer }),
  seq_id: field(int64, "omit_or_null"),
  ttl_seconds: field(int64, "omit_or_null", newer),
  user_metadata: field(map(string), "omit_or_null", newer),
  type: literal("save_weights_for_sampler"),
});

/** A path or a sampling session, as it was asked for. */
export const SaveWeightsForSamplerResponse = message("ignore", {
  path: field(string, "omit_or_null"),
  sampling_session_id: field(string, "omit_or_null"),
  type: literal("save_weights_for_sampler"),
});
export type SaveWeightsForSamplerResponse = Infer<typeof SaveWeightsForSamplerResponse>;

/** What a checkpoint was made from; 0.4.1 has no such call. */
export const WeightsInfoRequest = message("forbid", { tinker_path: always(string) });
export const WeightsInfoResponse = message("ignore", {
  base_model: always(string),
  optimizer_config: field(OptimizerConfig, "always", { default: { type: "adamw" }, ...newer }),
  is_lora: always(boolean),
  lora_rank: field(int32, "omit_or_null"),
  train_unembed: field(boolean, "omit_or_null", newer),
  train_mlp: field(boolean, "omit_or_null", newer),
  train_attn: field(boolean, "omit_or_null", newer),
});
export type WeightsInfoResponse = Infer<typeof WeightsInfoResponse>;
