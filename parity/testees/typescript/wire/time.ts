// Points in time, to the nanosecond.
import { refuse, type Codec } from "./codec.ts";
import { JsonNumber } from "./json.ts";

/** Nanoseconds since 1970, UTC. Date has milliseconds only. */
export type Timestamp = bigint;

const ISO_8601 = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:?\d\d)?$/;
const SECOND = 1_000_000_000n;
const FIRST = -62_135_596_800n * SECOND; // year 1
const END = 253_402_300_800n * SECOND; // year 10000

/** Reads ISO 8601 (without a zone it is UTC) or seconds since 1970; writes RFC 3339 with 0, 3, 6 or 9 digits of a second. */
export const timestamp: Codec<Timestamp> = {
  decode(value, _dialect, path) {
    const time = typeof value === "string" ? fromText(value) : value instanceof JsonNumber ? fromSeconds(value.text) : undefined;
    if (time === undefined || time < FIRST || time >= END) refuse(path, "a time of the years 1 to 9999", value);
    return time;
  },
  encode(value) {
    const nanos = ((value % SECOND) + SECOND) % SECOND;
    const date = new Date(Number((value - nanos) / 1_000_000n)).toISOString().slice(0, 19);
    const digits = nanos.toString().padStart(9, "0").replace(/(000)+$/, "");
    return `${date}${digits && `.${digits}`}Z`;
  },
};

function fromText(text: string): Timestamp | undefined {
  const [, day, clock, fraction = "", zone = "Z"] = ISO_8601.exec(text) ?? [];
  if (day === undefined || clock === undefined) return undefined;
  const date = new Date(`${day}T${clock}Z`);
  // Date turns February 30 into March 2, and takes 24:00:00.
  if (Number.isNaN(date.getTime()) || date.toISOString() !== `${day}T${clock}.000Z`) return undefined;
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [];
  const offset = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60;
  if (Number(hours ?? 0) > 23 || Number(minutes ?? 0) > 59) return undefined;
  const seconds = BigInt(date.getTime() / 1000) - BigInt(sign === "-" ? -offset : offset);
  return seconds * SECOND + BigInt(fraction.padEnd(9, "0"));
}

function fromSeconds(text: string): Timestamp | undefined {
  const [, sign = "", whole, fraction = ""] = /^(-?)(\d{1,18})(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const nanos = BigInt(whole) * SECOND + BigInt(fraction.slice(0, 9).padEnd(9, "0"));
  return sign === "" ? nanos : -nanos;
}
