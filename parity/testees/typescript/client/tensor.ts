// Nested lists become tensors. Source: tinker.md section 2.4; seed 000 section 3.1.
import type { TensorData, TensorDtype } from "../tinker/training.ts";
import type { Dialect } from "./dialect.ts";
import { UsageError } from "./errors.ts";

/** Whole numbers above 2^53 as bigint. */
export type Nested = number | bigint | boolean | readonly Nested[];
export type Kind = "f16" | "f32" | "f64" | `${"i" | "u"}${8 | 16 | 32 | 64}` | "bool";
type Scalar = number | bigint;

const DTYPES: ReadonlyMap<string, TensorDtype> = new Map<string, TensorDtype>([
  ["target_tokens", "int64"],
  ["weights", "float32"],
  ["advantages", "float32"],
  ["logprobs", "float32"],
  ["clip_low_threshold", "float32"],
  ["clip_high_threshold", "float32"],
]);

/** Of an array whose elements are of a kind. Throws UsageError of kind "dtype". */
export function makeTensor(values: Nested, kind: Kind, dialect: Dialect): TensorData {
  const { flat, shape } = flatten(values);
  if (kind.startsWith("f")) return { data: floats(flat, kind, dialect), dtype: "float32", shape };
  if (kind.startsWith("i") || (kind.startsWith("u") && dialect.castsTensors)) {
    return { data: flat.map((value) => (typeof value === "bigint" ? value : Math.trunc(value))), dtype: "int64", shape };
  }
  throw new UsageError("dtype", `there is no tensor of ${kind}`);
}

/** Plain lists; their names tell the dtype. Throws UsageError of kind "unknown_name" or "dtype". */
export function makeInputs(inputs: Readonly<Record<string, Nested>>): Record<string, TensorData> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, values]) => {
      const dtype = DTYPES.get(name);
      if (dtype === undefined) throw new UsageError("unknown_name", `${name} tells no dtype: give a tensor`);
      const { flat, shape } = flatten(values);
      if (shape.length !== 1) throw new UsageError("dtype", `${name}: a list of numbers is needed, this has ${shape.length} dimensions`);
      return [name, { data: flat, dtype, shape }];
    }),
  );
}

/** All elements in order, and the length of each dimension. */
function flatten(values: Nested): { flat: Scalar[]; shape: number[] } {
  if (typeof values === "boolean") return { flat: [Number(values)], shape: [] };
  if (typeof values !== "object") return { flat: [values], shape: [] };
  const parts = values.map(flatten);
  const rows = parts[0]?.shape ?? [];
  if (parts.some(({ shape }) => String(shape) !== String(rows) || shape.length !== rows.length)) {
    throw new UsageError("dtype", "the rows of the list differ in length");
  }
  return { flat: parts.flatMap(({ flat }) => flat), shape: [values.length, ...rows] };
}

function floats(flat: readonly Scalar[], kind: Kind, dialect: Dialect): number[] {
  return flat.map((value) => {
    const rounded = round(Number(value), kind, dialect);
    if (!Number.isFinite(rounded)) throw new UsageError("dtype", `${value} is too large for ${kind}`);
    return rounded;
  });
}

/** 0.4.1 changes the label only. */
function round(value: number, kind: Kind, dialect: Dialect): number {
  if (kind === "f16") return half(value);
  return kind === "f64" && !dialect.castsTensors ? value : Math.fround(value);
}

/** The nearest float of 16 bits: ten bits after the point, ties to even. */
function half(value: number): number {
  const exponent = value === 0 ? 0 : Math.floor(Math.log2(Math.abs(value)));
  const unit = 2 ** Math.max(exponent - 10, -24);
  const scaled = value / unit;
  const down = Math.floor(scaled);
  const up = scaled - down > 0.5 || (scaled - down === 0.5 && down % 2 !== 0);
  const rounded = (up ? down + 1 : down) * unit;
  return Math.abs(rounded) <= 65504 ? rounded : Infinity;
}
