// The calls of docs/cases.md, each a few lines around the client's own functions.
import { MESSAGES } from "../tinker/messages.ts";
import { ForwardBackwardOutput, TensorData } from "../tinker/training.ts";
import { Chunk } from "../tinker/input.ts";
import { list, map } from "../wire/codec.ts";
import { parse, stringify, type Json } from "../wire/json.ts";
import { combineOutputs, cutChunks, inputLength, sendingOrder } from "../client/chunks.ts";
import type { Dialect } from "../client/dialect.ts";
import { reduceMetrics, type Measured } from "../client/metrics.ts";
import { makeInputs, makeTensor } from "../client/tensor.ts";
import { HTTP_CALLS } from "./calls_http.ts";
import { REST_CALLS } from "./calls_rest.ts";
import { at, plain, read, show } from "./reading.ts";
import { scenario } from "./scenario.ts";
import { Unsupported } from "./unsupported.ts";

/** Answers one request: input and dialect to the result. */
export type Call = (input: Json, dialect: Dialect) => unknown;

/** What JSON.parse cannot do, by the name that a fixture has for it. */
const LACKING = "duplicate-keys";

function codec(input: Json, dialect: Dialect): unknown {
  const { message, json, json_base64, needs = [] } = plain(input);
  const codec = MESSAGES.get(message);
  if (codec === undefined) throw new Unsupported(`${message} is not implemented`);
  if (needs.includes(LACKING)) throw new Unsupported("JSON.parse keeps the last of two equal keys and does not tell");
  const text = json_base64 === undefined ? Buffer.from(json) : Buffer.from(json_base64, "base64");
  return { json: stringify(show(codec, read(codec, parse(text), dialect), dialect)) };
}

function outputsCombine(input: Json, dialect: Dialect): unknown {
  const outputs = read(list(ForwardBackwardOutput), at(input, "outputs"), dialect);
  return show(ForwardBackwardOutput, combineOutputs(outputs, dialect), dialect);
}

interface Run {
  readonly count: number;
  readonly datum: { readonly tokens?: number; readonly image?: { readonly tokens: number }; readonly tensors?: { readonly count: number }[] };
}

/** Counts only: a datum of half a million numbers is not made to be measured. */
function* sizes(runs: readonly Run[]): Generator<number> {
  for (const { count, datum } of runs) {
    const size = (datum.tensors ?? []).reduce((total, tensor) => total + tensor.count, (datum.tokens ?? 0) + (datum.image?.tokens ?? 0));
    for (let index = 0; index < count; index++) yield size;
  }
}

function chunksSplit(input: Json, dialect: Dialect): unknown {
  const { runs, limits = {} } = plain(input);
  return cutChunks(sizes(runs), { len: limits.len ?? dialect.limits.len, numbers: limits.bytes ?? dialect.limits.numbers });
}

function tensorMake(input: Json, dialect: Dialect): unknown {
  const { values, kind } = plain(input);
  return show(TensorData, makeTensor(values, kind, dialect), dialect);
}

const TRAINING_CALLS: Readonly<Record<string, Call>> = {
  codec,
  "metrics.reduce": (input, dialect) => reduceMetrics(plain(input).results as Measured[], dialect),
  "outputs.combine": outputsCombine,
  "chunks.split": chunksSplit,
  "chunks.order": (input) => sendingOrder(plain(input).first, plain(input).chunks),
  "input.length": (input, dialect) => inputLength(read(list(Chunk), at(input, "chunks"), dialect)),
  "tensor.make": tensorMake,
  "datum.make": (input, dialect) => show(map(TensorData), makeInputs(plain(input).loss_fn_inputs), dialect),
};

export const CALLS: ReadonlyMap<string, Call> = new Map(Object.entries({ scenario, ...TRAINING_CALLS, ...HTTP_CALLS, ...REST_CALLS }));
