// Answers to the question whether a result is ready.
import { boolean, enumeration, int64, list, object, string, type Infer } from "../wire/codec.ts";
import { always, field, literal, message, union } from "../wire/message.ts";

const newer = { only: ["tinker-0.38"] };
const tinkex = { only: ["tinkex"] };
const sdk = { only: ["tinker-0.4.1", "tinker-0.38"] };
const required = { required: true };

/** Anything else is read as unknown. */
export const QueueState = enumeration(["unknown", "active", "paused_capacity", "paused_rate_limit"], {}, { fallback: "unknown" });
export type QueueState = Infer<typeof QueueState>;

/** Whose fault it was. Anything else is read as unknown, and tinkex folds case. */
export const RequestErrorCategory = enumeration(
  ["unknown", "server", "user"],
  {},
  { fallback: "unknown", ignoreCaseIn: ["tinkex"] },
);
export type RequestErrorCategory = Infer<typeof RequestErrorCategory>;

/** Not ready. retry_after_ms in milliseconds. */
export const TryAgainResponse = message("ignore", {
  type: literal("try_again", required),
  request_id: field(string, "always", { per: { tinkex: "omit" } }),
  queue_state: always(QueueState),
  queue_state_reason: field(string, "omit_or_null", newer),
  retry_after_ms: field(int64, "omit", tinkex),
});
export type TryAgainResponse = Infer<typeof TryAgainResponse>;

/** Body of HTTP 408. */
export const FutureTimeout = message("ignore", {
  queue_state: field(QueueState, "omit_or_null"),
  queue_state_reason: field(string, "omit_or_null", newer),
});
export type FutureTimeout = Infer<typeof FutureTimeout>;

/** Ready, and this large, in bytes. */
export const FutureMetadata = message("ignore", {
  status: literal("complete_metadata", required),
  response_payload_size: field(int64, "always", { default: 0 }),
});

/** A failure as the SDKs know it. */
export const RequestFailedResponse = message("ignore", {
  error: always(string),
  category: field(RequestErrorCategory, "always", { default: "unknown" }),
});
export type RequestFailedResponse = Infer<typeof RequestFailedResponse>;

export const FutureError = message("ignore", {
  message: field(string, "omit_or_null"),
  category: field(RequestErrorCategory, "always", { default: "unknown" }),
});

// The envelopes of tinkex.
export const FuturePendingResponse = message("ignore", { status: literal("pending", required) });
export const FutureCompletedResponse = message("ignore", { status: literal("completed", required), result: always(object) });
export const FutureFailedResponse = message("ignore", { status: literal("failed", required), error: always(FutureError) });

const has = (key: string, wanted?: string) => (value: unknown) => {
  const got = (value as Record<string, unknown>)[key];
  return wanted === undefined ? typeof got === "string" : got === wanted;
};
/** The SDKs get the bare result: an object whose type only the request tells. */
export const FutureRetrieveResponse = union([
  { codec: TryAgainResponse, is: has("type", "try_again") },
  { codec: FutureMetadata, is: has("status", "complete_metadata"), ...newer },
  { codec: FuturePendingResponse, is: has("status", "pending"), ...tinkex },
  { codec: FutureCompletedResponse, is: has("status", "completed"), ...tinkex },
  { codec: FutureFailedResponse, is: has("status", "failed"), ...tinkex },
  { codec: RequestFailedResponse, is: has("error"), ...sdk },
  { codec: object, is: () => true, ...sdk },
]);
export type FutureRetrieveResponse = Infer<typeof FutureRetrieveResponse>;

/** The promise of a result. */
export const UntypedAPIFuture = message("ignore", {
  request_id: always(string),
  model_id: field(string, "omit_or_null"),
  sample_sequence_ids: field(list(string), "omit_or_null", newer),
});

/** Asks for it. */
export const FutureRetrieveRequest = message("forbid", {
  request_id: always(string),
  allow_metadata_only: field(boolean, "always", { default: false, ...newer }),
});
