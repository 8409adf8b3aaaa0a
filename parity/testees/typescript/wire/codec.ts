// Codecs for the values that stand in fields: scalars, enums, lists, maps, and any JSON.
import { describe, JsonNumber, WireError, type Json } from "./json.ts";

export type Unset = "omit" | "default" | "null";

/** One generation of clients: what it writes for a field that was never set, and whether it writes null and literals. */
export interface Dialect {
  readonly name: string;
  readonly unset: Unset;
  readonly writeNull: boolean;
  readonly writeLiterals: boolean;
}

/** Reads and writes one type of value; `decode` throws WireError. */
export interface Codec<T> {
  decode(value: Json, dialect: Dialect, path: string): T;
  encode(value: T, dialect: Dialect): Json;
}

/** The type that a codec reads and writes. */
export type Infer<C> = C extends Codec<infer T> ? T : never;

export function refuse(path: string, expected: string, got: Json): never {
  throw new WireError(path, `expected ${expected}, got ${describe(got)}`);
}

export function isObject(value: Json): value is { [key: string]: Json } {
  return value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof JsonNumber);
}

/** An integer: a number where that is exact, else a bigint. */
export type Int = number | bigint;

interface IntCodec extends Codec<Int> {
  /** The same with bounds, inclusive. */
  between(min: number, max: number): IntCodec;
}

function int(bits: number, min = -(2n ** BigInt(bits - 1)), max = 2n ** BigInt(bits - 1) - 1n): IntCodec {
  return {
    decode(value, _dialect, path) {
      if (!(value instanceof JsonNumber) || !/^-?\d+$/.test(value.text)) refuse(path, "an integer", value);
      const exact = BigInt(value.text);
      if (exact < min || exact > max) refuse(path, `an integer from ${min} to ${max}`, value);
      const short = Number(exact);
      return Number.isSafeInteger(short) ? short : exact;
    },
    encode: (value) => new JsonNumber(String(value)),
    between: (min, max) => int(bits, BigInt(min), BigInt(max)),
  };
}

export const int64 = int(64);
export const int32 = int(32);

export const double: Codec<number> = {
  decode(value, _dialect, path) {
    if (!(value instanceof JsonNumber)) refuse(path, "a number", value);
    const number = Number(value.text);
    if (!Number.isFinite(number)) refuse(path, "a finite number", value);
    return number;
  },
  // Where integers are no longer exact, it is to be seen that it is no integer.
  encode: (value) => new JsonNumber(Math.abs(value) < 2 ** 53 ? String(value) : value.toExponential()),
};

/** A number with bounds, inclusive. */
export function bounded(codec: Codec<number>, min: number, max: number): Codec<number> {
  return {
    decode(value, dialect, path) {
      const number = codec.decode(value, dialect, path);
      return number >= min && number <= max ? number : refuse(path, `a number from ${min} to ${max}`, value);
    },
    encode: codec.encode,
  };
}

export const string: Codec<string> = {
  decode: (value, _dialect, path) => (typeof value === "string" ? value : refuse(path, "a string", value)),
  encode: (value) => value,
};

export const boolean: Codec<boolean> = {
  decode: (value, _dialect, path) => (typeof value === "boolean" ? value : refuse(path, "true or false", value)),
  encode: (value) => value,
};

/** Bytes as base64: standard alphabet, padded. */
export const bytes: Codec<Uint8Array> = {
  decode(value, _dialect, path) {
    if (typeof value !== "string") refuse(path, "base64", value);
    const data = Buffer.from(value, "base64");
    if (data.toString("base64") !== value) refuse(path, "base64", value); // Buffer skips what it does not know
    return new Uint8Array(data);
  },
  encode: (value) => Buffer.from(value).toString("base64"),
};

/** Any JSON: kept as it is. */
export const json: Codec<Json> = { decode: (value) => value, encode: (value) => value };

/** A JSON object with any content. */
export const object: Codec<{ [key: string]: Json }> = {
  decode: (value, _dialect, path) => (isObject(value) ? value : refuse(path, "an object", value)),
  encode: (value) => value,
};

export interface EnumOptions<T extends string> {
  /** What any other string is read as; without it, one is refused. */
  readonly fallback?: NoInfer<T>;
  /** The dialects that fold case. */
  readonly ignoreCaseIn?: readonly string[];
}

/** One of a few strings. `only` names the dialects that have a value, where not all do. */
export function enumeration<const T extends string>(
  values: readonly T[],
  only: Partial<Record<NoInfer<T>, string[]>> = {},
  { fallback, ignoreCaseIn = [] }: EnumOptions<T> = {},
): Codec<T> {
  return {
    decode(value, dialect, path) {
      if (typeof value !== "string") refuse(path, "a string", value);
      const allowed = values.filter((name) => only[name]?.includes(dialect.name) ?? true);
      const wanted = ignoreCaseIn.includes(dialect.name) ? value.toLowerCase() : value;
      return allowed.find((name) => name === wanted) ?? fallback ?? refuse(path, `one of ${allowed.join(", ")}`, value);
    },
    encode: (value) => value,
  };
}

export function list<T>(item: Codec<T>): Codec<T[]> {
  return {
    decode(value, dialect, path) {
      if (!Array.isArray(value)) refuse(path, "a list", value);
      return value.map((entry, index) => item.decode(entry, dialect, `${path}[${index}]`));
    },
    encode: (value, dialect) => value.map((entry) => item.encode(entry, dialect)),
  };
}

export function map<T>(item: Codec<T>): Codec<Record<string, T>> {
  return {
    decode(value, dialect, path) {
      if (!isObject(value)) refuse(path, "an object", value);
      return fromEntries(Object.entries(value).map(([key, entry]) => [key, item.decode(entry, dialect, `${path}.${key}`)]));
    },
    encode: (value, dialect) => fromEntries(Object.entries(value).map(([key, entry]) => [key, item.encode(entry, dialect)])),
  };
}

/** The value or null. */
export function nullable<T>(item: Codec<T>): Codec<T | null> {
  return {
    decode: (value, dialect, path) => (value === null ? null : item.decode(value, dialect, path)),
    encode: (value, dialect) => (value === null ? null : item.encode(value, dialect)),
  };
}

/** Object.fromEntries, but "__proto__" is a key like any other. */
export function fromEntries<T>(entries: [string, T][]): Record<string, T> {
  const made: Record<string, T> = {};
  for (const [key, value] of entries) Object.defineProperty(made, key, { value, enumerable: true, writable: true, configurable: true });
  return made;
}
