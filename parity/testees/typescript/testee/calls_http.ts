// Calls about HTTP: retries, addresses, headers, settings, streams, forms.
import { samplingPause, sampleRetryDelay } from "../client/backoff.ts";
import { joinUrl, resolve } from "../client/config.ts";
import { statusKind, statusMessage } from "../client/errors.ts";
import { mergeHeaders } from "../client/headers.ts";
import { encodeMultipart } from "../client/multipart.ts";
import { formatQuery } from "../client/query.ts";
import { retryCall, retryDelay, submitDelay } from "../client/retry.ts";
import { EventDecoder } from "../client/sse.ts";
import type { Json } from "../wire/json.ts";
import type { Call } from "./calls.ts";
import { plain } from "./reading.ts";

const query: Call = (input) => {
  const { params, arrays, objects } = plain(input);
  return formatQuery(params, arrays, objects);
};

const config: Call = (input, dialect) => {
  const { args = {}, env = {} } = plain(input);
  const [baseUrl, apiKey, timeout, maxRetries] = [args.base_url, args.api_key, args.timeout_s, args.max_retries];
  const made = resolve({ dialect, baseUrl, apiKey, timeout, maxRetries }, env);
  return { base_url: made.baseUrl, api_key: made.apiKey, timeout_s: made.timeout, max_retries: made.maxRetries, tags: made.tags };
};

const events: Call = (input) => {
  const decoder = new EventDecoder();
  const pieces = plain(input).pieces as string[];
  return [...pieces.flatMap((piece) => decoder.feed(Buffer.from(piece, "base64"))), ...decoder.end()];
};

const form: Call = (input) => {
  const { boundary, fields = [], files = [] } = plain(input);
  const made = (files as [string, string, string, string][]).map(([name, filename, type, content]) => ({
    name,
    filename,
    type,
    content: Buffer.from(content, "base64"),
  }));
  return Buffer.from(encodeMultipart(boundary, fields, made)).toString();
};

const submit: Call = (input, dialect) => {
  const { status, attempt, elapsed_s } = plain(input);
  const delay_s = submitDelay(status, attempt, elapsed_s, dialect);
  return { retry: delay_s !== undefined, delay_s };
};

function said(input: Json): Headers {
  return new Headers(plain(input).headers ?? {});
}

export const HTTP_CALLS: Readonly<Record<string, Call>> = {
  "retry.decide": (input, dialect) => retryCall(plain(input).status, said(input), dialect),
  "retry.delay": (input) => retryDelay(plain(input).retry, said(input), plain(input).random, plain(input).now ?? 0),
  "submit.decide": submit,
  "sampling.backoff": (input, dialect) => samplingPause(plain(input).status, said(input), plain(input).now ?? 0, dialect),
  "sampling.retry_delay": (input) => sampleRetryDelay(plain(input).attempt, plain(input).random),
  "url.join": (input) => joinUrl(plain(input).base, plain(input).path),
  "query.format": query,
  "headers.merge": (input) => mergeHeaders(plain(input).defaults ?? {}, plain(input).user ?? {}, plain(input).call ?? {}),
  "config.resolve": config,
  "error.kind": (input) => ({
    kind: statusKind(plain(input).status),
    message: statusMessage(plain(input).status, plain(input).body ?? ""),
  }),
  "sse.decode": events,
  "multipart.encode": form,
};
