// Tensors, examples, and passes over them.
import { double, enumeration, int64, list, map, string, type Infer } from "../wire/codec.ts";
import { always, field, message, union } from "../wire/message.ts";
import { ModelInput } from "./input.ts";

const newer = { only: ["tinker-0.38"] };

export const TensorDtype = enumeration(["int64", "float32"]);
export type TensorDtype = Infer<typeof TensorDtype>;

const isIntegers = (values: unknown) =>
  Array.isArray(values) && values.every((value) => typeof value === "bigint" || Number.isSafeInteger(value));

/** Integers; floats where one of the numbers has a fraction. */
export const TensorValues = union([
  { codec: list(int64), is: isIntegers },
  { codec: list(double), is: Array.isArray },
]);
export type TensorValues = Infer<typeof TensorValues>;

/** A tensor, flattened with the last dimension fastest. */
export const TensorData = message("forbid", {
  data: always(TensorValues),
  dtype: always(TensorDtype),
  shape: field(list(int64), "omit_or_null"),
  sparse_crow_indices: field(list(int64), "omit_or_null", newer),
  sparse_col_indices: field(list(int64), "omit_or_null", newer),
});
export type TensorData = Infer<typeof TensorData>;

/** One training example. */
export const Datum = message("forbid", { loss_fn_inputs: always(map(TensorData)), model_input: always(ModelInput) });
export type Datum = Infer<typeof Datum>;

const only038 = ["tinker-0.38"];
export const LossFnType = enumeration(
  ["cross_entropy", "importance_sampling", "ppo", "cispo", "dro", "gspo", "stable_reinforce", "custom"],
  { cispo: only038, dro: only038, gspo: only038, stable_reinforce: only038, custom: only038 },
);
export type LossFnType = Infer<typeof LossFnType>;

export const LossFnConfigValue = union([
  { codec: double, is: (value) => typeof value === "number" },
  { codec: string, is: (value) => typeof value === "string", ...newer },
]);

/** A batch and its loss. */
export const ForwardBackwardInput = message("forbid", {
  data: always(list(Datum)),
  loss_fn: always(LossFnType),
  loss_fn_config: field(map(LossFnConfigValue), "omit_or_null"),
});
export type ForwardBackwardInput = Infer<typeof ForwardBackwardInput>;

export const ForwardBackwardRequest = message("forbid", {
  forward_backward_input: always(ForwardBackwardInput),
  model_id: always(string),
  seq_id: field(int64, "omit_or_null"),
});
export type ForwardBackwardRequest = Infer<typeof ForwardBackwardRequest>;

/** One map of tensors per datum, and metrics by "name:reduction". */
export const ForwardBackwardOutput = message("ignore", {
  loss_fn_output_type: always(string),
  loss_fn_outputs: always(list(map(TensorData))),
  metrics: always(map(double)),
});
export type ForwardBackwardOutput = Infer<typeof ForwardBackwardOutput>;

/** Outputs without gradients; 0.38 has no such call. */
export const ForwardRequest = message("forbid", {
  forward_input: always(ForwardBackwardInput),
  model_id: always(string),
  seq_id: field(int64, "omit_or_null"),
});
