// What a client is told: by arguments, else by the environment, else by custom. Source: tinker.md section 1.
import { V041, type Dialect } from "./dialect.ts";
import { UsageError } from "./errors.ts";
import type { Layer } from "./headers.ts";
import { MAX_RETRIES } from "./retry.ts";
import type { Json } from "../wire/json.ts";

export const BASE_URL = "https://tinker.thinkingmachines.dev/services/tinker-prod";
export const TIMEOUT_S = 60;

/** Of one client; nothing is shared between clients, so that several keys work side by side. */
export interface Config {
  readonly dialect: Dialect;
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Of one HTTP call. */
  readonly timeout: number;
  /** Of one HTTP call, besides the first try. */
  readonly maxRetries: number;
  readonly tags: readonly string[];
  readonly headers: Layer;
  readonly userMetadata: { [key: string]: Json };
  readonly telemetry: boolean;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Anything that is undefined is not told. */
export type Told = { readonly [K in keyof Config]?: Config[K] | undefined };

/** Throws UsageError of kind "no_api_key". */
export function resolve(told: Told, env: Environment): Config {
  const apiKey = told.apiKey || env["TINKER_API_KEY"];
  if (!apiKey) throw new UsageError("no_api_key", "no API key: give apiKey, or set TINKER_API_KEY");
  return {
    dialect: told.dialect ?? V041,
    baseUrl: told.baseUrl || env["TINKER_BASE_URL"] || BASE_URL,
    apiKey,
    timeout: told.timeout ?? TIMEOUT_S,
    maxRetries: told.maxRetries ?? MAX_RETRIES,
    tags: told.tags ?? [...new Set(env["TINKER_TAGS"]?.split(","))].sort(),
    headers: told.headers ?? {},
    userMetadata: told.userMetadata ?? {},
    telemetry: (told.telemetry ?? true) && telemetryEnabled(env),
  };
}

/** Unless TINKER_TELEMETRY says otherwise. */
export function telemetryEnabled(env: Environment): boolean {
  return ["1", "true", "yes", "on"].includes((env["TINKER_TELEMETRY"] ?? "1").toLowerCase());
}

/** The path behind the base's own; a whole URL stays as it is. */
export function joinUrl(base: string, path: string): string {
  if (/^https?:\/\//.test(path)) return path;
  return `${base.replace(/\/+$/, "")}/${path.replace(/^\/+/, "")}`;
}
