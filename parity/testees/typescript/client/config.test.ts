import assert from "node:assert/strict";
import { test } from "node:test";
import { resolve } from "./config.ts";
import { parsePath } from "./path.ts";

test("arguments win over the environment, and that over custom", () => {
  const env = { TINKER_API_KEY: "k", TINKER_BASE_URL: "http://b", TINKER_TAGS: "b,a,b" };
  const found = resolve({}, env);
  assert.deepEqual([found.apiKey, found.baseUrl, found.tags, found.maxRetries], ["k", "http://b", ["a", "b"], 10]);
  const told = resolve({ apiKey: "mine", baseUrl: "http://mine" }, env);
  assert.deepEqual([told.apiKey, told.baseUrl], ["mine", "http://mine"]);
  assert.throws(() => resolve({}, {}), { kind: "no_api_key" });
});

test("paths have three parts", () => {
  assert.equal(parsePath("tinker://r/weights/a").checkpoint_id, "weights/a");
  for (const bad of ["", "r/weights/a", "tinker://r/weights", "tinker://r/weights/a/b", "tinker://r/other/a", "tinker:///weights/a"]) {
    assert.throws(() => parsePath(bad), { kind: "bad_path" }, bad);
  }
});
