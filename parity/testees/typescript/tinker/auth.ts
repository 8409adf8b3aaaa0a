// Who is asking.
import { string, type Infer } from "../wire/codec.ts";
import { always, message } from "../wire/message.ts";

/** The organisation that an API key belongs to. */
export const ApiKeyOrgDetails = message("ignore", { name: always(string) });
export type ApiKeyOrgDetails = Infer<typeof ApiKeyOrgDetails>;
