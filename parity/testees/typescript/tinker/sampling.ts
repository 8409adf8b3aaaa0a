// Samples.
import { boolean, double, enumeration, int32, int64, json, list, nullable, string, type Infer } from "../wire/codec.ts";
import { always, field, literal, message, union } from "../wire/message.ts";
import { ModelInput } from "./input.ts";
import { TensorData } from "./training.ts";

const newer = { only: ["tinker-0.38"] };
const isList = (of: string) => (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === of);

/** A text, texts, or token ids. */
export const Stop = union([
  { codec: string, is: (value) => typeof value === "string" },
  { codec: list(string), is: isList("string") },
  { codec: list(int64), is: Array.isArray },
]);
export type Stop = Infer<typeof Stop>;

/** How tokens are drawn; top_k -1 keeps all candidates. */
export const SamplingParams = message("ignore", {
  max_tokens: field(int32, "omit_or_null"),
  seed: field(int64, "omit_or_null"),
  stop: field(Stop, "omit_or_null"),
  temperature: field(double, "always", { default: 1 }),
  top_k: field(int32, "always", { default: -1 }),
  top_p: field(double, "always", { default: 1 }),
});
export type SamplingParams = Infer<typeof SamplingParams>;

export const SampleRequest = message("forbid", {
  num_samples: field(int32, "always", { default: 1 }),
  prompt: always(ModelInput),
  sampling_params: always(SamplingParams),
  base_model: field(string, "omit_or_null"),
  model_path: field(string, "omit_or_null"),
  sampling_session_id: field(string, "omit_or_null"),
  seq_id: field(int64, "omit_or_null"),
  prompt_logprobs: field(boolean, "omit_or_null"),
  topk_prompt_logprobs: field(int32, "always", { default: 0 }),
  topk_sample_logprobs: field(int32, "always", { default: 0, ...newer }),
  target_prompt_logprobs: field(TensorData, "omit_or_null", newer),
  prompt_alt_tokens_k: field(int32, "always", { default: 0, ...newer }),
  prompt_logprobs_last_n: field(int32, "omit_or_null", newer),
  record_stability_info: field(boolean, "omit_or_null", newer),
  type: literal("sample"),
});
export type SampleRequest = Infer<typeof SampleRequest>;

export const StopReason = enumeration(["length", "stop"]);
export type StopReason = Infer<typeof StopReason>;

export const SampledSequence = message("ignore", {
  stop_reason: always(StopReason),
  tokens: always(list(int64)),
  logprobs: field(list(double), "omit_or_null"),
});
export type SampledSequence = Infer<typeof SampledSequence>;

/** prompt_logprobs has one entry per prompt token, null where there is none; top-k candidates are pairs of id and logprob. */
export const SampleResponse = message("ignore", {
  sequences: always(list(SampledSequence)),
  type: literal("sample"),
  prompt_logprobs: field(list(nullable(double)), "omit_or_null"),
  topk_prompt_logprobs: field(list(nullable(list(list(json)))), "omit_or_null"),
});
export type SampleResponse = Infer<typeof SampleResponse>;

/** A sampler of a base model or of saved weights. */
export const CreateSamplingSessionRequest = message("forbid", {
  session_id: always(string),
  sampling_session_seq_id: always(int64),
  base_model: field(string, "omit_or_null"),
  model_path: field(string, "omit_or_null"),
  type: literal("create_sampling_session"),
});
export const CreateSamplingSessionResponse = message("ignore", {
  type: literal("create_sampling_session"),
  sampling_session_id: always(string),
});
