// A session with the service, which all clients of a ServiceClient share. Source: tinker.md sections 2.3, 3.2 and 3.10.
import { UntypedAPIFuture } from "../tinker/future.ts";
import { CreateSessionRequest, CreateSessionResponse, SessionHeartbeatRequest } from "../tinker/session.ts";
import type { Codec } from "../wire/codec.ts";
import { JsonNumber, parse, stringify, WireError } from "../wire/json.ts";
import { RateLimit, type RateLimits } from "./backoff.ts";
import type { Clock, Random } from "./clock.ts";
import type { Config } from "./config.ts";
import type { Dialect } from "./dialect.ts";
import { ConnectionFailed, StatusError, userError, ValidationError } from "./errors.ts";
import { Http, type Answer, type Call } from "./http.ts";
import { Reporter } from "./reporter.ts";
import { submitDelay } from "./retry.ts";

const HEARTBEAT_EVERY_S = 10;

/** What a long call promises. `kind`: how the service calls the request; `roundtrip`: seconds that the call took. */
export interface Promised {
  readonly requestId: string;
  readonly kind: string;
  readonly roundtrip?: number;
}

export class Session {
  readonly config: Config;
  readonly dialect: Dialect;
  readonly clock: Clock;
  readonly random: Random;
  readonly http: Http;
  readonly rateLimit: RateLimit;
  reporter: Reporter | undefined;
  #models = 0;
  #samplers = 0;
  #id: Promise<string> | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  readonly #life = new AbortController();

  constructor(config: Config, clock: Clock, random: Random, limits: RateLimits) {
    this.config = config;
    this.dialect = config.dialect;
    this.clock = clock;
    this.random = random;
    this.http = new Http(config, clock, random);
    // 0.4.1 has one in each holder.
    this.rateLimit = this.dialect.envelope ? limits.of(config.baseUrl, config.apiKey, clock) : new RateLimit(clock, true);
  }

  /** Of models, from 0. */
  nextModel(): number {
    return this.#models++;
  }

  /** Of sampling sessions, from 0. */
  nextSampler(): number {
    return this.#samplers++;
  }

  /** The session's id; the first that asks begins it. */
  begin(): Promise<string> {
    this.#id ??= this.#create();
    return this.#id;
  }

  close(): void {
    this.#life.abort();
    clearInterval(this.#heartbeat);
    this.reporter?.close();
  }

  /** Posts a message to /api/v1/NAME and reads the answer. */
  async ask<Q, A>(name: string, request: Codec<Q>, value: Q, response: Codec<A>, how: Partial<Call> = {}): Promise<A> {
    const body = stringify(request.encode(value, this.dialect.wire));
    return this.read(response, await this.http.send({ ...how, method: "POST", path: `/api/v1/${name}`, body }));
  }

  async get<A>(path: string, response: Codec<A>, query = ""): Promise<A> {
    return this.read(response, await this.http.send({ method: "GET", path, query }));
  }

  /** Throws ValidationError. */
  read<A>(response: Codec<A>, answer: Answer): A {
    try {
      return response.decode(parse(answer.body), this.dialect.wire, "$");
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      throw new ValidationError(`the answer is not what it should be: ${error.message}`, { cause: error });
    }
  }

  /** Sends a long call once. */
  async promise<Q>(name: string, kind: string, request: Codec<Q>, value: Q, how: Partial<Call> = {}): Promise<Promised> {
    const began = performance.now();
    const { request_id } = await this.ask(name, request, value, UntypedAPIFuture, how);
    return { requestId: request_id, kind, roundtrip: (performance.now() - began) / 1000 };
  }

  /** With the retries of a whole submit, on top of those of its calls; each failure is told to telemetry. */
  async persist<T>(act: () => Promise<T>): Promise<T> {
    const began = this.clock.passed();
    for (let attempt = 0; ; attempt++) {
      try {
        return await act();
      } catch (error) {
        if (!(error instanceof StatusError || error instanceof ConnectionFailed)) throw error;
        const status = error instanceof StatusError ? error.status : undefined;
        const delay = submitDelay(status, attempt, this.clock.passed() - began, this.dialect);
        this.#tell(error, attempt, delay !== undefined);
        if (delay === undefined) throw error;
        await this.clock.sleep(delay);
      }
    }
  }

  async #create(): Promise<string> {
    const { tags, userMetadata } = this.config;
    try {
      const request = {
        tags: [...tags],
        user_metadata: userMetadata,
        sdk_version: this.dialect.sdkVersion,
        type: "create_session" as const,
      };
      const created = await this.ask("create_session", CreateSessionRequest, request, CreateSessionResponse);
      for (const text of [created.info_message, created.warning_message, created.error_message]) if (text) console.warn(`tinker: ${text}`);
      this.#heartbeat = setInterval(() => void this.#beat(created.session_id), HEARTBEAT_EVERY_S * 1000).unref();
      if (this.config.telemetry) this.reporter = new Reporter(this, created.session_id);
      return created.session_id;
    } catch (error) {
      this.#id = undefined; // who asks next tries anew
      throw error;
    }
  }

  /** Tells the service that somebody is there. One that fails is of no concern: there will be another. */
  async #beat(id: string): Promise<void> {
    const body = stringify(SessionHeartbeatRequest.encode({ session_id: id, type: "session_heartbeat" }, this.dialect.wire));
    const call = { method: "POST", path: "/api/v1/session_heartbeat", body, timeout: HEARTBEAT_EVERY_S, maxRetries: 0 };
    await this.http.send({ ...call, signal: this.#life.signal }).catch(() => undefined);
  }

  #tell(error: Error, attempt: number, again: boolean): void {
    const blamed = userError(error) !== undefined;
    this.reporter?.event(
      "InternalClientHolder.execute_with_retries.exception",
      {
        exception: error.message,
        exception_type: error.name,
        is_retryable: again,
        is_user_error: blamed,
        attempt_count: new JsonNumber(String(attempt)),
      },
      again || blamed ? "WARNING" : "ERROR",
    );
  }
}
