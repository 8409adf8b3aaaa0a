// The metrics of a call's chunks become one set. Source: tinker.md section 3.6; seeds 000 4.1, 001 3.1.1.
import type { Dialect } from "./dialect.ts";
import { UsageError } from "./errors.ts";

/** The metrics of one chunk, and how many outputs it has: its weight. */
export interface Measured {
  readonly metrics: Readonly<Record<string, number>>;
  readonly outputs: number;
}

type Reduction = (values: number[], weights: number[]) => number;

const sum: Reduction = (values) => values.reduce((total, value) => total + value, 0);

const mean: Reduction = (values, weights) => {
  const total = sum(weights, []);
  if (total === 0) throw new UsageError("zero_weight", "no chunk has outputs, so there is nothing to weigh by");
  return values.reduce((weighed, value, index) => weighed + value * (weights[index] ?? 0), 0) / total;
};

const REDUCTIONS: ReadonlyMap<string, Reduction> = new Map<string, Reduction>([
  ["sum", sum],
  ["mean", mean],
  ["min", (values) => Math.min(...values)],
  ["max", (values) => Math.max(...values)],
  ["slack", (values, weights) => Math.max(...values) - mean(values, weights)],
  ["hash_unordered", (values) => hashUnordered(values)],
]);

/**
 * By the reduction in each key, over the keys of the first chunk that all others have too; unknown reductions are dropped.
 * Throws UsageError of kind "bad_key" or "zero_weight".
 */
export function reduceMetrics(results: readonly Measured[], dialect: Dialect): Record<string, number> {
  const reduced: Record<string, number> = {};
  const weights = results.map(({ outputs }) => outputs);
  for (const key of Object.keys(results[0]?.metrics ?? {})) {
    const [, reduction] = /^[^:]*:([^:]*)$/.exec(key) ?? [];
    if (reduction === undefined) throw new UsageError("bad_key", `metric ${key} is not called name:reduction`);
    const values = results.map(({ metrics }) => metrics[key]).filter((value) => value !== undefined);
    if (values.length < results.length) continue;
    if (reduction === "unique") {
      values.forEach((value, index) => {
        reduced[index === 0 ? key : `${key}_${index - 1 + dialect.uniqueFrom}`] = value;
      });
      continue;
    }
    const reduce = REDUCTIONS.get(reduction);
    if (reduce !== undefined) reduced[key] = reduce(values, weights);
  }
  return reduced;
}

// What CPython's hash of a tuple adds, multiplies by, and begins with (xxHash's primes), and the modulus of its integers' hash.
const LANE = 14029467366897019727n;
const MIX = 11400714785074694791n;
const START = 2870177450012600261n;
const PRIME = 2n ** 61n - 1n;
const word = (value: bigint) => BigInt.asUintN(64, value);

/** CPython's 64-bit hash of the sorted tuple of the whole parts, kept as a float. */
export function hashUnordered(values: readonly number[]): number {
  const whole = values.map((value) => BigInt(Math.trunc(value))).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  let acc = START;
  for (const value of whole) {
    const lane = value % PRIME; // keeps the sign, as CPython does
    acc = word(acc + (lane === -1n ? -2n : lane) * LANE);
    acc = word(word((acc << 31n) | (acc >> 33n)) * MIX);
  }
  acc = word(acc + (BigInt(values.length) ^ (START ^ 3527539n)));
  return Number(BigInt.asIntN(64, acc === 2n ** 64n - 1n ? 1546275796n : acc));
}
