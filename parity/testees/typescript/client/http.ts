// HTTP calls with their retries. Source: tinker.md sections 1.2 and 3.1; seed 000 sections 3.2 and 4.2.
import { randomUUID } from "node:crypto";
import type { Clock, Random } from "./clock.ts";
import { joinUrl, type Config } from "./config.ts";
import { ConnectionFailed, StatusError, TimedOut } from "./errors.ts";
import { mergeHeaders, ownHeaders, type Layer } from "./headers.ts";
import { retryCall, retryDelay } from "./retry.ts";

const REDIRECTS = 10;

/** One call; what is undefined is as the client's config says. */
export interface Call {
  readonly method: string;
  readonly path: string;
  /** Text behind the question mark. */
  readonly query?: string | undefined;
  readonly body?: string | undefined;
  readonly headers?: Layer | undefined;
  readonly timeout?: number | undefined;
  readonly maxRetries?: number | undefined;
  /** A redirect is an answer like any other. */
  readonly staysHere?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** The connections of one client. */
export class Http {
  readonly #config: Config;
  readonly #clock: Clock;
  readonly #random: Random;
  constructor(config: Config, clock: Clock, random: Random) {
    this.#config = config;
    this.#clock = clock;
    this.#random = random;
  }

  /** The last answer below 400. Throws StatusError, TimedOut or ConnectionFailed when the tries are used up. */
  async send(call: Call): Promise<Answer> {
    const { dialect } = this.#config;
    const tries = call.maxRetries ?? this.#config.maxRetries;
    const headers = mergeHeaders(this.#own(call), this.#config.headers, call.headers ?? {});
    for (let attempt = 0; ; attempt++) {
      const answer = await this.#once(call, { ...headers, "x-stainless-retry-count": String(attempt) });
      if (!(answer instanceof Error) && answer.status < 400) return answer;
      const status = answer instanceof Error ? undefined : answer.status;
      const said = answer instanceof Error ? new Headers() : answer.headers;
      if (attempt >= tries || !retryCall(status, said, dialect)) {
        throw answer instanceof Error ? answer : new StatusError(answer.status, Buffer.from(answer.body).toString(), said);
      }
      const heeded = status === undefined || (dialect.retryAfterStatuses?.includes(status) ?? true);
      const delay = retryDelay(attempt, heeded ? said : new Headers(), this.#random(), this.#clock.now());
      await this.#clock.sleep(delay, call.signal);
    }
  }

  #own(call: Call): Layer {
    const own = { ...ownHeaders(this.#config), "x-stainless-read-timeout": String(call.timeout ?? this.#config.timeout) };
    if (call.method === "GET") return own;
    return { ...own, "content-type": "application/json", "x-idempotency-key": `stainless-python-retry-${randomUUID()}` };
  }

  async #once(call: Call, headers: Record<string, string>): Promise<Answer | ConnectionFailed> {
    const url = joinUrl(this.#config.baseUrl, call.path) + (call.query ? `?${call.query}` : "");
    const timeout = AbortSignal.timeout((call.timeout ?? this.#config.timeout) * 1000);
    const signal = call.signal === undefined ? timeout : AbortSignal.any([call.signal, timeout]);
    try {
      return await follow(url, { method: call.method, headers, body: call.body ?? null, signal, redirect: "manual" }, call.staysHere ?? false);
    } catch (error) {
      call.signal?.throwIfAborted();
      if (timeout.aborted) return new TimedOut(`${call.method} ${url}: no answer in time`, { cause: error });
      return new ConnectionFailed(`${call.method} ${url}: no answer`, { cause: error });
    }
  }
}

interface Request extends RequestInit {
  readonly method: string;
  readonly headers: Record<string, string>;
}

/** Goes where redirects lead: with the body after 307 and 308, else with a GET. fetch itself would take the key to other hosts. */
async function follow(url: string, request: Request, staysHere: boolean): Promise<Answer> {
  for (let hop = 0; hop <= REDIRECTS; hop++) {
    const response = await fetch(url, request);
    const body = new Uint8Array(await response.arrayBuffer());
    const location = response.headers.get("location");
    if (staysHere || response.status < 300 || response.status >= 400 || location === null) {
      return { status: response.status, headers: response.headers, body };
    }
    const there = new URL(location, url);
    const { "x-api-key": key, "content-type": type, ...rest } = request.headers;
    const kept = there.host === new URL(url).host && key !== undefined ? { ...rest, "x-api-key": key } : rest;
    const same = response.status === 307 || response.status === 308;
    request = same
      ? { ...request, headers: type === undefined ? kept : { ...kept, "content-type": type } }
      : { ...request, headers: kept, method: "GET", body: null };
    url = there.href;
  }
  throw new Error(`more than ${REDIRECTS} redirects`);
}
