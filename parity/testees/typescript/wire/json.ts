// JSON text <-> values, without losing a digit and without letting bad text through.

/** A JSON number as it was written; the field that reads it decides what it is. */
export class JsonNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Json = null | boolean | string | JsonNumber | Json[] | { [key: string]: Json };

/** Tells where a JSON text breaks which rule. */
export class WireError extends Error {
  readonly path: string;
  readonly reason: string;
  constructor(path: string, reason: string) {
    super(`${path}: ${reason}`);
    this.name = "WireError";
    this.path = path;
    this.reason = reason;
  }
}

const MAX_DEPTH = 100;

type Reviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;
const parseJson = JSON.parse as (text: string, reviver: Reviver) => Json;
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** Reads exactly one JSON text. JSON.parse keeps the last of two equal keys and does not tell; the rest is refused here. */
export function parse(data: Uint8Array): Json {
  let value: Json;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
    value = parseJson(text, (_key, value, context) => (typeof value === "number" ? new JsonNumber(context.source ?? "") : value));
  } catch (error) {
    throw new WireError("$", error instanceof Error ? error.message : String(error));
  }
  check("$", value, 0);
  return value;
}

function check(path: string, value: Json, depth: number): void {
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw new WireError(path, "half a surrogate pair");
    return;
  }
  if (value === null || typeof value !== "object" || value instanceof JsonNumber) return;
  if (depth === MAX_DEPTH) throw new WireError(path, `nested deeper than ${MAX_DEPTH}`);
  if (Array.isArray(value)) {
    value.forEach((item, index) => check(`${path}[${index}]`, item, depth + 1));
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    check(path, key, depth);
    check(`${path}.${key}`, item, depth + 1);
  }
}

/** Writes a value; numbers as they stand in it. */
export function stringify(value: Json): string {
  return JSON.stringify(value, (_key, item: unknown) => (item instanceof JsonNumber ? rawJSON(item.text) : item));
}

/** Names a value in an error. */
export function describe(value: Json | undefined): string {
  if (value === undefined) return "nothing";
  if (value instanceof JsonNumber) return value.text;
  const text = stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
