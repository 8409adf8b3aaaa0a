import assert from "node:assert/strict";
import { test } from "node:test";
import { TINKEX, V041 } from "./dialect.ts";
import { hashUnordered, reduceMetrics } from "./metrics.ts";

const CHUNKS = [
  { metrics: { "a:mean": 1, "a:slack": 1, "a:min": 1, "a:unique": 10, "a:odd": 1, "b:sum": 2 }, outputs: 1 },
  { metrics: { "a:mean": 3, "a:slack": 3, "a:min": 3, "a:unique": 11, "a:odd": 1 }, outputs: 3 },
  { metrics: { "a:mean": 3, "a:slack": 3, "a:min": 3, "a:unique": 12, "a:odd": 1 }, outputs: 0 },
];

test("metrics are reduced by their names", () => {
  const same = { "a:mean": 2.5, "a:slack": 0.5, "a:min": 1, "a:unique": 10 };
  assert.deepEqual(reduceMetrics(CHUNKS, V041), { ...same, "a:unique_1": 11, "a:unique_2": 12 });
  assert.deepEqual(reduceMetrics(CHUNKS, TINKEX), { ...same, "a:unique_2": 11, "a:unique_3": 12 });
  assert.deepEqual(reduceMetrics([], V041), {});
});

test("bad keys and zero weights are refused", () => {
  for (const [key, kind] of [["a", "bad_key"], ["a:b:mean", "bad_key"], ["a:mean", "zero_weight"]] as const) {
    assert.throws(() => reduceMetrics([{ metrics: { [key]: 1 }, outputs: 0 }], V041), { kind });
  }
});

test("the hash is CPython's: hash(tuple(sorted(int(v) for v in values)))", () => {
  assert.equal(hashUnordered([1]), Number(-6644214454873602895n));
  assert.equal(hashUnordered([2, 1]), Number(-3550055125485641917n));
  assert.equal(hashUnordered([3.7, -1]), Number(6299364165049820628n));
  assert.equal(hashUnordered([0]), Number(-8753497827991233192n));
});
