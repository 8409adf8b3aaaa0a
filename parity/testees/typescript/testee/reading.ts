// What a case gives, as this client's own types, and back.
import { isObject, type Codec } from "../wire/codec.ts";
import { JsonNumber, type Json } from "../wire/json.ts";
import type { Dialect } from "../client/dialect.ts";

/** JSON with numbers as JavaScript has them; whole ones that it cannot hold as bigint. */
export function plain(value: Json): any { // eslint-disable-line @typescript-eslint/no-explicit-any
  if (value instanceof JsonNumber) {
    const number = Number(value.text);
    return /^-?\d+$/.test(value.text) && !Number.isSafeInteger(number) ? BigInt(value.text) : number;
  }
  if (Array.isArray(value)) return value.map(plain);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

/** The other way; what is JSON already stays. Undefined leaves its key out. */
export function json(value: unknown): Json {
  if (value === undefined || value === null) return null;
  if (value instanceof JsonNumber || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "bigint") return new JsonNumber(String(value));
  if (typeof value === "number") return new JsonNumber(Math.abs(value) < 2 ** 53 ? String(value) : value.toExponential());
  if (Array.isArray(value)) return value.map(json);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key, json(item)]));
}

/** A message, list or map. Throws WireError. */
export function read<T>(codec: Codec<T>, value: Json | undefined, dialect: Dialect): T {
  return codec.decode(value ?? null, dialect.wire, "$");
}

export function show<T>(codec: Codec<T>, value: T, dialect: Dialect): Json {
  return codec.encode(value, dialect.wire);
}

/** The value at a key of an object; undefined for none. */
export function at(value: Json, key: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
