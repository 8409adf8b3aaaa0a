// Sessions: what a client begins with.
import { list, object, string, type Infer } from "../wire/codec.ts";
import { always, field, literal, message } from "../wire/message.ts";

const newer = { only: ["tinker-0.38"] };

export const CreateSessionRequest = message("forbid", {
  tags: always(list(string)),
  user_metadata: field(object, "null", { per: { "tinker-0.38": "always" } }),
  sdk_version: always(string),
  project_id: field(string, "omit_or_null", newer),
  display_name: field(string, "omit_or_null", newer),
  type: literal("create_session"),
});
export type CreateSessionRequest = Infer<typeof CreateSessionRequest>;

/** Holds texts for the caller's log, too. */
export const CreateSessionResponse = message("ignore", {
  type: literal("create_session"),
  info_message: field(string, "omit_or_null"),
  warning_message: field(string, "omit_or_null"),
  error_message: field(string, "omit_or_null"),
  session_id: always(string),
});

export const SessionHeartbeatRequest = message("forbid", { session_id: always(string), type: literal("session_heartbeat") });
export const SessionHeartbeatResponse = message("ignore", { type: literal("session_heartbeat") });
