// Messages and unions: which keys there are, and what missing and null mean in which dialect.
import { fromEntries, isObject, refuse, type Codec, type Dialect } from "./codec.ts";
import { JsonNumber, WireError, type Json } from "./json.ts";

/** always: a value. null: a value or null. omit: a value or missing. omit_or_null: all three. */
export type Presence = "always" | "null" | "omit" | "omit_or_null";

export interface Field<T, Required extends boolean = boolean> {
  readonly codec: Codec<T>;
  readonly presence: Presence;
  readonly isRequired: Required;
  readonly options: FieldOptions;
}

export interface FieldOptions {
  /** What missing stands for. */
  readonly default?: Json | number;
  /** The dialects in which that holds; all, if not given. */
  readonly defaultIn?: readonly string[];
  /** The dialects that have the field; all, if not given. */
  readonly only?: readonly string[];
  /** Another presence in some dialects. */
  readonly per?: Readonly<Record<string, Presence>>;
  /** The only value of a string. */
  readonly literal?: string;
  /** A literal that must be there, and that every dialect writes. */
  readonly required?: boolean;
}

/** A field that every dialect always has. */
export function always<T>(codec: Codec<T>): Field<T, true> {
  return { codec, presence: "always", isRequired: true, options: {} };
}

/** A field that can be missing or null, in some dialect at least: undefined or null in the message. */
export function field<T>(codec: Codec<T>, presence: Presence, options: FieldOptions = {}): Field<T, false> {
  return { codec, presence, isRequired: false, options };
}

/** A field with one value, which says what the message is. In the message it is always there, on the wire it may be missing. */
export function literal<const T extends string>(value: T, options: FieldOptions = {}): Field<T, true> {
  const codec: Codec<T> = {
    decode: (got, _dialect, path) => (got === value ? value : refuse(path, JSON.stringify(value), got)),
    encode: () => value,
  };
  return { codec, presence: "always", isRequired: true, options: { ...options, literal: value } };
}

type Fields = Readonly<Record<string, Field<any>>>; // eslint-disable-line @typescript-eslint/no-explicit-any
type RequiredKeys<F extends Fields> = { [K in keyof F]: F[K] extends Field<unknown, true> ? K : never }[keyof F];
type ValueOf<F> = F extends Field<infer T> ? T : never;
type MessageOf<F extends Fields> = { [K in RequiredKeys<F>]: ValueOf<F[K]> } & {
  [K in Exclude<keyof F, RequiredKeys<F>>]?: ValueOf<F[K]> | null;
};

/** Unknown keys are refused, dropped, or kept and written back. */
export type Unknown = "forbid" | "ignore" | "keep";

export interface MessageOptions {
  /** Keys of which exactly one is there; null is none. */
  readonly exactlyOne?: readonly string[];
}

export function message<F extends Fields>(unknown: Unknown, fields: F, options: MessageOptions = {}): Codec<MessageOf<F>> {
  const inDialect = (dialect: Dialect) =>
    Object.entries(fields).filter(([, { options }]) => options.only?.includes(dialect.name) ?? true);
  return {
    decode(value, dialect, path) {
      if (!isObject(value)) refuse(path, "an object", value);
      const made: [string, unknown][] = [];
      const known = inDialect(dialect);
      for (const [key, field] of known) {
        const at = `${path}.${key}`;
        const there = Object.hasOwn(value, key) ? value[key] : undefined;
        if (there === undefined) {
          if (isRequired(field, dialect)) throw new WireError(at, "missing");
          if (field.options.literal !== undefined) made.push([key, field.options.literal]);
        } else if (there === null && isNullable(field, dialect)) {
          made.push([key, null]);
        } else {
          made.push([key, field.codec.decode(there, dialect, at)]);
        }
      }
      const { exactlyOne } = options;
      const chosen = exactlyOne?.filter((key) => Object.hasOwn(value, key) && value[key] !== null).length;
      if (chosen !== undefined && chosen !== 1) throw new WireError(path, `expected exactly one of ${exactlyOne?.join(", ")}, got ${chosen}`);
      const names = new Set(known.map(([key]) => key));
      for (const [key, item] of Object.entries(value)) {
        if (names.has(key) || unknown === "ignore") continue;
        if (unknown === "forbid") throw new WireError(`${path}.${key}`, "unknown key");
        made.push([key, item]);
      }
      return fromEntries(made) as MessageOf<F>;
    },
    encode(value, dialect) {
      const known = inDialect(dialect);
      const names = new Set(known.map(([key]) => key));
      const written = known.map(([key, field]) => [key, encodeField(field, (value as Record<string, unknown>)[key], dialect)] as const);
      const kept = unknown === "keep" ? Object.entries(value as Record<string, Json>).filter(([key]) => !names.has(key)) : [];
      return fromEntries([...written, ...kept].filter((entry): entry is [string, Json] => entry[1] !== undefined));
    },
  };
}

function presenceIn(field: Field<unknown>, dialect: Dialect): Presence {
  return field.options.per?.[dialect.name] ?? field.presence;
}

function isNullable(field: Field<unknown>, dialect: Dialect): boolean {
  return presenceIn(field, dialect).endsWith("null");
}

function isRequired(field: Field<unknown>, dialect: Dialect): boolean {
  if (field.options.literal !== undefined) return field.options.required ?? false;
  return !presenceIn(field, dialect).startsWith("omit") && defaultOf(field, dialect) === undefined;
}

function defaultOf({ options }: Field<unknown>, dialect: Dialect): Json | undefined {
  if (options.defaultIn?.includes(dialect.name) === false) return undefined;
  return typeof options.default === "number" ? new JsonNumber(String(options.default)) : options.default;
}

/** What a field puts on the wire; undefined for nothing. */
function encodeField(field: Field<unknown>, value: unknown, dialect: Dialect): Json | undefined {
  const { literal, required } = field.options;
  if (literal !== undefined) return required || dialect.writeLiterals ? literal : undefined;
  const absent = dialect.writeNull ? null : undefined;
  if (value === null && isNullable(field, dialect)) return absent; // else null is a value like any other
  if (value !== undefined) return field.codec.encode(value, dialect);
  if (dialect.unset === "omit") return undefined;
  if (dialect.unset === "null" && isNullable(field, dialect)) return absent;
  const fallback = defaultOf(field, dialect);
  return fallback === null ? absent : fallback;
}

export interface Arm<T> {
  readonly codec: Codec<T>;
  /** The value of the union's tag for this arm. */
  readonly tag?: string;
  /** Tells a value of this arm, where there is no tag. */
  readonly is?: (value: any) => boolean; // eslint-disable-line @typescript-eslint/no-explicit-any
  /** The dialects that have it; all, if not given. */
  readonly only?: readonly string[];
}

type AnyArm = Arm<any>; // eslint-disable-line @typescript-eslint/no-explicit-any
type ArmValue<A> = A extends Arm<infer T> ? T : never;

/** One of several forms. `tag` is the key that tells them apart; without it, or where it is missing and may be, the form does. */
export function union<const A extends readonly AnyArm[]>(
  arms: A,
  options: { readonly tag?: string; readonly untagged?: boolean } = {},
): Codec<ArmValue<A[number]>> {
  const { tag, untagged } = options;
  const inDialect = (dialect: Dialect): AnyArm[] => arms.filter((arm) => arm.only?.includes(dialect.name) ?? true);
  return {
    decode(value, dialect, path) {
      const possible = inDialect(dialect);
      if (tag !== undefined) {
        if (!isObject(value)) refuse(path, "an object", value);
        const at = `${path}.${tag}`;
        const got = Object.hasOwn(value, tag) ? value[tag] : undefined;
        if (got !== undefined) {
          const arm = possible.find((arm) => arm.tag === got) ?? refuse(at, `one of ${possible.map((arm) => arm.tag).join(", ")}`, got);
          return arm.codec.decode(value, dialect, path);
        }
        if (!untagged) throw new WireError(at, "missing");
      }
      const reasons: string[] = [];
      for (const arm of possible) {
        try {
          return arm.codec.decode(value, dialect, path);
        } catch (error) {
          if (!(error instanceof WireError)) throw error;
          reasons.push(error.message);
        }
      }
      throw new WireError(path, `none of the forms fits: ${reasons.join("; ")}`);
    },
    encode(value, dialect) {
      const possible = inDialect(dialect);
      const arm = possible.find((arm) => (tag !== undefined && arm.tag !== undefined ? arm.tag === value[tag] : arm.is?.(value)));
      if (arm === undefined) throw new WireError("$", `${dialect.name} has no form for ${JSON.stringify(value)}`);
      return arm.codec.encode(value, dialect);
    },
  };
}
