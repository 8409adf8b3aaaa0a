import assert from "node:assert/strict";
import { test } from "node:test";
import { TINKEX, V041, type Dialect } from "./dialect.ts";
import { RequestFailed } from "./errors.ts";
import { decidePoll } from "./poll.ts";

const decide = (status: number | undefined, body: string, failures: number, dialect: Dialect) =>
  decidePoll(status, Buffer.from(body), failures, dialect);

test("what an answer means", () => {
  const poll = (delay: number, more = {}) => ({ then: "poll", delay, observed: false, ...more });
  assert.deepEqual(decide(undefined, "", 3, V041), poll(8));
  assert.deepEqual(decide(503, "", 3, V041), poll(0));
  assert.deepEqual(decide(408, '{"queue_state":"paused_capacity"}', 0, V041), poll(0, { queueState: "paused_capacity", observed: true }));
  assert.deepEqual(decide(408, "not yet", 0, V041), poll(0));
  assert.deepEqual(decide(200, '{"type":"try_again","queue_state":"odd"}', 0, V041), poll(0, { queueState: "unknown" }));
  assert.deepEqual(decide(200, '{"type":"try_again","retry_after_ms":250}', 0, TINKEX), poll(0.25));
  assert.deepEqual(decide(200, '{"status":"pending"}', 2, TINKEX), poll(4));
  assert.equal(decide(200, '{"status":"pending"}', 2, V041).then, "done");
  assert.equal(decide(410, "", 0, V041).then, "resubmit");
  for (const [status, body] of [[429, ""], [200, "{"], [200, "[]"], [200, '{"error":null}']] as const) {
    assert.equal(decide(status, body, 0, V041).then, "fail", body);
  }
});

test("a failure has its category", () => {
  const step = decide(200, '{"status":"failed","error":{"message":"no","category":"User"}}', 0, TINKEX);
  assert.ok(step.then === "fail" && step.error instanceof RequestFailed && step.error.category === "user");
});
