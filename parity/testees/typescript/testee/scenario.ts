// `scenario`: a script of steps, done by this client against the mock.
import { RateLimits } from "../client/backoff.ts";
import type { Environment } from "../client/config.ts";
import type { Dialect } from "../client/dialect.ts";
import type { SamplingClient } from "../client/sampling_client.ts";
import { ServiceClient } from "../client/service.ts";
import type { TrainingClient } from "../client/training_client.ts";
import { UsageError } from "../client/errors.ts";
import { isObject } from "../wire/codec.ts";
import type { Json } from "../wire/json.ts";
import { NotedClock } from "./noted_clock.ts";
import { outcomeOf } from "./outcome.ts";
import { at, json, plain } from "./reading.ts";
import { STEPS } from "./steps.ts";
import { Unsupported } from "./unsupported.ts";

/** One client of a scenario, and the clients that it made, by name. */
export class Actor {
  readonly service: ServiceClient;
  readonly dialect: Dialect;
  readonly trainers = new Map<string, TrainingClient>();
  readonly samplers = new Map<string, SamplingClient>();
  constructor(service: ServiceClient, dialect: Dialect) {
    this.service = service;
    this.dialect = dialect;
  }

  trainer(name = "training"): TrainingClient {
    return this.trainers.get(name) ?? nobody(name);
  }

  sampler(name = "sampling"): SamplingClient {
    return this.samplers.get(name) ?? nobody(name);
  }
}

function nobody(name: string): never {
  throw new UsageError("nobody", `${name} was never made`);
}

/** The outcomes of all steps, and what the client would have slept. */
export async function scenario(input: Json, dialect: Dialect): Promise<unknown> {
  const stage = new Stage(input, dialect);
  try {
    const steps: Json[] = [];
    for (const step of list(at(input, "steps"))) steps.push(await stage.outcome(step));
    return { steps, slept_s: [...stage.clock.slept] };
  } finally {
    stage.close();
  }
}

function list(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

/** The clients of one scenario; they share nothing with those of others. */
class Stage {
  readonly clock: NotedClock;
  readonly #dialect: Dialect;
  readonly #input: Json;
  readonly #limits = new RateLimits();
  readonly #actors = new Map<string, Actor>();

  constructor(input: Json, dialect: Dialect) {
    this.#input = input;
    this.#dialect = dialect;
    this.clock = new NotedClock(plain(input).config?.real_time ?? false);
  }

  close(): void {
    for (const { service } of this.#actors.values()) service.close();
  }

  /** An outcome; a list of them for `together` and `in_turn`. */
  async outcome(step: Json): Promise<Json> {
    const name = String(at(step, "do"));
    const steps = list(at(step, "steps"));
    if (name === "together") return Promise.all(steps.map((each) => this.outcome(each)));
    if (name === "in_turn") {
      const outcomes: Json[] = [];
      for (const each of steps) outcomes.push(await this.outcome(each));
      return outcomes;
    }
    try {
      return { ok: json(await this.#do(name, at(step, "with") ?? {})) };
    } catch (error) {
      if (error instanceof Unsupported) throw error;
      return { error: json(outcomeOf(error)) };
    }
  }

  #do(name: string, told: Json): unknown {
    const { client = "", as = "" } = plain(told);
    if (name === "client") {
      this.#actor(as, at(told, "config") ?? {});
      return {};
    }
    const step = STEPS.get(name);
    if (step === undefined) throw new Unsupported(`there is no step ${name}`);
    return step(this.#actor(client, at(this.#input, "config") ?? {}), told);
  }

  /** The client of a name; the first to ask makes it. */
  #actor(name: string, told: Json): Actor {
    const known = this.#actors.get(name);
    if (known !== undefined) return known;
    const { base_url, random = 0 } = plain(this.#input);
    const { api_key, timeout_s, max_retries, headers, tags, telemetry, base_path = "", env } = plain(told);
    const address: string = base_url + base_path;
    const environment = Object.entries((env ?? {}) as Record<string, string>);
    const replaced: Environment = Object.fromEntries(environment.map(([key, value]) => [key, value.replaceAll("{base_url}", address)]));
    const metadata = at(told, "user_metadata");
    const service = new ServiceClient(
      {
        dialect: this.#dialect,
        baseUrl: "TINKER_BASE_URL" in replaced ? undefined : address,
        apiKey: api_key ?? (env === undefined ? "tml-key" : undefined),
        timeout: timeout_s,
        maxRetries: max_retries,
        headers,
        tags,
        userMetadata: metadata !== undefined && isObject(metadata) ? metadata : undefined,
        telemetry: telemetry ?? "TINKER_TELEMETRY" in replaced,
      },
      { clock: this.clock, random: () => random, limits: this.#limits, env: replaced },
    );
    const made = new Actor(service, this.#dialect);
    this.#actors.set(name, made);
    return made;
  }
}
