import assert from "node:assert/strict";
import { test } from "node:test";
import { StatusError } from "./errors.ts";
import { BATCH, EventQueue, Events, QUEUE } from "./telemetry.ts";

test("the queue is bounded, and emptied in batches", () => {
  const queue = new EventQueue();
  const event = new Events(() => 0).started();
  for (let count = 0; count < QUEUE + 3; count++) queue.put(event);
  let taken = 0;
  for (let batch = queue.take(); batch.length > 0; batch = queue.take()) {
    assert.ok(batch.length <= BATCH);
    taken += batch.length;
  }
  assert.deepEqual([taken, queue.dropped], [QUEUE, 3]);
});

test("a user's own error is a warning, all else a crash", () => {
  const events = new Events(() => 0);
  const blamed = events.exception(new Error("x", { cause: new StatusError(404) }));
  assert.ok(blamed.event === "GENERIC_EVENT" && blamed.event_name === "user_error" && blamed.severity === "WARNING");
  const crash = events.exception(new StatusError(408));
  assert.deepEqual([crash.event, crash.event_session_index], ["UNHANDLED_EXCEPTION", 1]);
});

test("a session's end has Python's duration", () => {
  let now = 1000;
  const events = new Events(() => now);
  now += 3600 + 2 * 60 + 13.557;
  const ended = events.ended();
  assert.equal(ended.event === "SESSION_END" && ended.duration, "1:02:13.557000");
});
