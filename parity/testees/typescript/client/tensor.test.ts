import assert from "node:assert/strict";
import { test } from "node:test";
import { TINKEX, V041 } from "./dialect.ts";
import { makeInputs, makeTensor } from "./tensor.ts";

test("arrays become tensors", () => {
  assert.deepEqual(makeTensor([[1, 2.5], [3, 4]], "f64", V041), { data: [1, 2.5, 3, 4], dtype: "float32", shape: [2, 2] });
  assert.deepEqual(makeTensor([0.1], "f64", TINKEX).data, [0.10000000149011612]);
  assert.deepEqual(makeTensor([0.1, 65504, 5e-8, 0], "f16", V041).data, [0.0999755859375, 65504, 5.960464477539063e-8, 0]);
  assert.equal(makeTensor([1], "u8", TINKEX).dtype, "int64");
  for (const bad of [[[1], []], [1, []], [[], 1]]) assert.throws(() => makeTensor(bad, "i64", V041), { kind: "dtype" });
  assert.throws(() => makeTensor([1], "u8", V041), { kind: "dtype" });
});

test("names tell the dtype of plain lists", () => {
  assert.deepEqual(makeInputs({ weights: [1, 0.5] }), { weights: { data: [1, 0.5], dtype: "float32", shape: [2] } });
  assert.throws(() => makeInputs({ odd: [] }), { kind: "unknown_name" });
  assert.throws(() => makeInputs({ weights: [[1]] }), { kind: "dtype" });
});
