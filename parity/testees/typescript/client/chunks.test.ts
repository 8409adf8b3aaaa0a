import assert from "node:assert/strict";
import { test } from "node:test";
import { cutChunks } from "./chunks.ts";

test("chunks are cut by count and by size", () => {
  const limits = { len: 3, numbers: 10 };
  assert.deepEqual(cutChunks([], limits), []);
  assert.deepEqual(cutChunks([1, 1, 1, 1], limits), [3, 1]);
  assert.deepEqual(cutChunks([5, 5], limits), [2]);
  assert.deepEqual(cutChunks([5, 6], limits), [1, 1]);
  assert.deepEqual(cutChunks([1, 99, 1], limits), [1, 1, 1]);
});
