import assert from "node:assert/strict";
import { test } from "node:test";
import { TINKEX, V041 } from "./dialect.ts";
import { retryCall, retryDelay, submitDelay } from "./retry.ts";

const said = (headers: Record<string, string> = {}) => new Headers(headers);

test("what is tried again", () => {
  const table: [number | undefined, Record<string, string>, boolean, boolean][] = [
    [undefined, {}, true, false],
    [200, { "x-should-retry": "true" }, false, false],
    [404, {}, false, false],
    [404, { "x-should-retry": "true" }, true, true],
    [404, { "x-should-retry": "True" }, false, false],
    [409, {}, true, false],
    [429, {}, true, true],
    [503, { "x-should-retry": "false" }, false, false],
  ];
  for (const [status, headers, old, tinkex] of table) {
    assert.equal(retryCall(status, said(headers), V041), old, `${status}`);
    assert.equal(retryCall(status, said(headers), TINKEX), tinkex, `${status} in tinkex`);
  }
});

test("how long it is waited", () => {
  const now = Date.UTC(2015, 9, 21, 7, 28) / 1000;
  assert.equal(retryDelay(0, said(), 0, now), 0.5);
  assert.equal(retryDelay(2, said(), 0.5, now), 1.75);
  assert.equal(retryDelay(99, said(), 0, now), 10);
  assert.equal(retryDelay(0, said({ "retry-after-ms": "20", "retry-after": "9" }), 0, now), 0.02);
  assert.equal(retryDelay(0, said({ "retry-after": "61" }), 0, now), 0.5);
  assert.equal(retryDelay(0, said({ "retry-after": "Wed, 21 Oct 2015 07:28:05 GMT" }), 0, now), 5);
  assert.equal(submitDelay(503, 9, 290, V041), 10);
  assert.equal(submitDelay(503, 0, 300, V041), undefined);
});
