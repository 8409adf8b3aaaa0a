// The server as a whole.
import { boolean, int64, json, list, string, type Infer } from "../wire/codec.ts";
import { always, field, literal, message } from "../wire/message.ts";

const newer = { only: ["tinker-0.38"] };

export const HealthRequest = message("ignore", {});
export const HealthResponse = message("ignore", { status: literal("ok", { required: true }) });

export const SupportedModel = message("ignore", {
  model_name: field(string, "omit_or_null"),
  max_context_length: field(int64, "omit_or_null", newer),
  trainable: field(boolean, "omit_or_null", newer),
  sampleable: field(boolean, "omit_or_null", newer),
});
export const GetServerCapabilitiesRequest = message("ignore", {});
export const GetServerCapabilitiesResponse = message("ignore", { supported_models: always(list(SupportedModel)) });
export type GetServerCapabilitiesResponse = Infer<typeof GetServerCapabilitiesResponse>;

/** Body of most answers that say no. */
export const ErrorResponse = message("keep", { detail: always(json) });
