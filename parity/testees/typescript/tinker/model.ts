// Models that are trained.
import { boolean, int32, int64, object, string, type Infer } from "../wire/codec.ts";
import { always, field, literal, message } from "../wire/message.ts";
import { OptimizerConfig } from "./weights.ts";

const adamw = { default: { type: "adamw" }, only: ["tinker-0.38"] };

export const LoraConfig = message("forbid", {
  rank: always(int32),
  seed: field(int64, "omit_or_null"),
  train_unembed: field(boolean, "always", { default: true }),
  train_mlp: field(boolean, "always", { default: true }),
  train_attn: field(boolean, "always", { default: true }),
});
export type LoraConfig = Infer<typeof LoraConfig>;

/** model_seq_id counts from 0 in a session. */
export const CreateModelRequest = message("forbid", {
  session_id: always(string),
  model_seq_id: always(int64),
  base_model: always(string),
  user_metadata: field(object, "omit_or_null"),
  lora_config: field(LoraConfig, "omit_or_null"),
  optimizer_config: field(OptimizerConfig, "always", adamw),
  type: literal("create_model"),
});
export const CreateModelResponse = message("ignore", { model_id: always(string), type: literal("create_model") });

export const ModelData = message("ignore", {
  arch: field(string, "omit_or_null"),
  model_name: field(string, "omit_or_null"),
  tokenizer_id: field(string, "omit_or_null"),
});
export const GetInfoRequest = message("forbid", { model_id: always(string), type: literal("get_info") });
export const GetInfoResponse = message("ignore", {
  type: literal("get_info"),
  model_data: always(ModelData),
  model_id: always(string),
  optimizer_config: field(OptimizerConfig, "always", adamw),
  is_lora: field(boolean, "omit_or_null"),
  lora_rank: field(int32, "omit_or_null"),
  model_name: field(string, "omit_or_null"),
});
export type GetInfoResponse = Infer<typeof GetInfoResponse>;

export const UnloadModelRequest = message("forbid", { model_id: always(string), type: literal("unload_model") });
export const UnloadModelResponse = message("ignore", { model_id: always(string), type: literal("unload_model") });
