// A batch is sent in chunks: where it is cut. Source: tinker.md section 3.3.
import type { ForwardBackwardOutput, Datum } from "../tinker/training.ts";
import type { Chunk } from "../tinker/input.ts";
import type { Dialect, Limits } from "./dialect.ts";
import { reduceMetrics } from "./metrics.ts";

/** How many data each chunk gets. A datum above the limit is a chunk by itself. */
export function cutChunks(sizes: Iterable<number>, limits: Limits): number[] {
  const counts: number[] = [];
  let [count, held] = [0, 0];
  for (const size of sizes) {
    if (count > 0 && (count === limits.len || held + size > limits.numbers)) {
      counts.push(count);
      [count, held] = [0, 0];
    }
    count += 1;
    held += size;
  }
  if (count > 0) counts.push(count);
  return counts;
}

/** The chunks' numbers in the order of their sending: each waits for the promise of the one before. */
export function sendingOrder(first: number, chunks: number): number[] {
  return Array.from({ length: chunks }, (_, index) => first + index);
}

/** Cuts a batch. */
export function split(data: readonly Datum[], limits: Limits): Datum[][] {
  let start = 0;
  return cutChunks(data.map(datumNumbers), limits).map((count) => data.slice(start, (start += count)));
}

function datumNumbers(datum: Datum): number {
  const tensors = Object.values(datum.loss_fn_inputs);
  return inputLength(datum.model_input.chunks) + tensors.reduce((total, { data }) => total + data.length, 0);
}

/** Of an input, in tokens. */
export function inputLength(chunks: readonly Chunk[]): number {
  return chunks.reduce((total, chunk) => total + chunkLength(chunk), 0);
}

function chunkLength(chunk: Chunk): number {
  if (chunk.type === "encoded_text") return chunk.tokens.length;
  return "tokens" in chunk ? Number(chunk.tokens) : 0;
}

/** The outputs of a call's chunks become one, in their order; none gives an empty one. Throws as reduceMetrics does. */
export function combineOutputs(outputs: readonly ForwardBackwardOutput[], dialect: Dialect): ForwardBackwardOutput {
  const measured = outputs.map(({ metrics, loss_fn_outputs }) => ({ metrics, outputs: loss_fn_outputs.length }));
  return {
    loss_fn_output_type: outputs[0]?.loss_fn_output_type ?? "",
    loss_fn_outputs: outputs.flatMap(({ loss_fn_outputs }) => loss_fn_outputs),
    metrics: reduceMetrics(measured, dialect),
  };
}
