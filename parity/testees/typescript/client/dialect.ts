// What the generations of clients and servers do differently: facts of tinker.md sections 3 and 4, in one place.
import { TINKEX as TINKEX_WIRE, V041 as V041_WIRE } from "../tinker/dialects.ts";
import type { Dialect as Wire } from "../wire/codec.ts";

export interface Dialect {
  readonly name: string;
  readonly wire: Wire;
  readonly sdkVersion: string;
  /** Of one request of a batch: data, and their tokens and tensor elements together. */
  readonly limits: Limits;
  /** Suffix of the second value of a "unique" metric. */
  readonly uniqueFrom: number;
  /** Tried again, besides 500 and above. */
  readonly retriedStatuses: readonly number[];
  /** A call that got no answer is tried again. */
  readonly retriesConnection: boolean;
  /** Whose Retry-After counts; undefined: of all that are retried. */
  readonly retryAfterStatuses?: readonly number[];
  /** Results come as {"status": …}. */
  readonly envelope: boolean;
  /** A request that failed by no fault of the user's is sent anew. */
  readonly retriesFailed: boolean;
  /** Values become those of their dtype, not only its label. */
  readonly castsTensors: boolean;
}

export interface Limits {
  readonly len: number;
  readonly numbers: number;
}

/** The SDK of Python, release 0.4.1. */
export const V041: Dialect = {
  name: V041_WIRE.name,
  wire: V041_WIRE,
  sdkVersion: "0.4.1",
  limits: { len: 128, numbers: 500_000 },
  uniqueFrom: 1,
  retriedStatuses: [408, 409, 429],
  retriesConnection: true,
  envelope: false,
  retriesFailed: false,
  castsTensors: false,
};

/** What the seeds of the Elixir port say; where they are silent, as 0.4.1. */
export const TINKEX: Dialect = {
  ...V041,
  name: TINKEX_WIRE.name,
  wire: TINKEX_WIRE,
  uniqueFrom: 2,
  retriedStatuses: [408, 429],
  retriesConnection: false,
  retryAfterStatuses: [429],
  envelope: true,
  retriesFailed: true,
  castsTensors: true,
};

export const DIALECTS: readonly Dialect[] = [V041, TINKEX];

export function retriesStatus(status: number, dialect: Dialect): boolean {
  return status >= 500 || dialect.retriedStatuses.includes(status);
}
