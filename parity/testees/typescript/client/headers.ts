// Headers of one call: the client's own, the user's, the call's. Source: tinker.md section 1.2; seed 000 section 3.2.
import { arch, platform } from "node:os";
import type { Config } from "./config.ts";

/** Null removes. */
export type Layer = Readonly<Record<string, string | null>>;

/** Later ones win, without regard to case. Names in lower case. */
export function mergeHeaders(...layers: Layer[]): Record<string, string> {
  const merged = new Map<string, string | null>();
  for (const layer of layers) for (const [name, value] of Object.entries(layer)) merged.set(name.toLowerCase(), value);
  return Object.fromEntries([...merged].filter((entry): entry is [string, string] => entry[1] !== null));
}

const PLATFORMS: Readonly<Record<string, string>> = { linux: "Linux", darwin: "Darwin", win32: "Windows" };
export const PLATFORM = PLATFORMS[platform()] ?? platform();

/** Of every call of a client. */
export function ownHeaders({ dialect, apiKey }: Config): Layer {
  return {
    accept: "application/json",
    "user-agent": `${dialect.envelope ? "Tinkex" : "AsyncTinker"}/TypeScript ${dialect.sdkVersion}`,
    "x-stainless-package-version": dialect.sdkVersion,
    "x-stainless-os": PLATFORM,
    "x-stainless-arch": arch(),
    "x-stainless-runtime": "node",
    "x-stainless-runtime-version": process.versions.node,
    "x-stainless-async": "async:promise",
    "x-api-key": apiKey,
  };
}
