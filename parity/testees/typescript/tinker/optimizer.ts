// Steps of the optimizer.
import { bounded, double, int64, map, string, type Infer } from "../wire/codec.ts";
import { always, field, literal, message, union } from "../wire/message.ts";
import { OtherOptimizer } from "./weights.ts";

const newer = { only: ["tinker-0.38"] };

export const AdamParams = message("forbid", {
  learning_rate: field(double, "always", { default: 0.0001 }),
  beta1: field(double, "always", { default: 0.9 }),
  beta2: field(double, "always", { default: 0.95 }),
  eps: field(double, "always", { default: 1e-12 }),
  weight_decay: field(double, "always", { default: 0, ...newer }),
  grad_clip_norm: field(double, "always", { default: 0, ...newer }),
});
export type AdamParams = Infer<typeof AdamParams>;

export const DimuonParams = message("forbid", {
  type: literal("dimuon", { required: true }),
  learning_rate: always(bounded(double, 0, Infinity)),
  grad_clip_norm: field(double, "always", { default: 0 }),
  beta1: field(bounded(double, 0, 0.9999999999999999), "always", { default: 0.9 }),
});

/** What OtherOptimizer keeps stays JSON, so its numbers are no numbers. */
const isDimuon = (value: { type: string; learning_rate?: unknown }) =>
  value.type === "dimuon" && typeof value.learning_rate === "number";
export const OptimizerParams = union([
  { codec: DimuonParams, is: isDimuon },
  { codec: OtherOptimizer, is: () => true },
]);

/** 0.38 knows optimizers besides Adam. */
export const OptimStepRequest = message(
  "forbid",
  {
    adam_params: field(AdamParams, "omit_or_null"),
    optimizer_params: field(OptimizerParams, "omit_or_null", newer),
    model_id: always(string),
    seq_id: field(int64, "omit_or_null"),
    type: literal("optim_step"),
  },
  { exactlyOne: ["adam_params", "optimizer_params"] },
);

export const OptimStepResponse = message("ignore", { metrics: field(map(double), "omit_or_null") });
export type OptimStepResponse = Infer<typeof OptimStepResponse>;
