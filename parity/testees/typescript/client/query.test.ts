import assert from "node:assert/strict";
import { test } from "node:test";
import { formatQuery } from "./query.ts";

test("queries are written as asked for", () => {
  const list = { a: ["x", null, true], "b c": "é&'", n: null };
  assert.equal(formatQuery(list, "comma"), "a=x%2Ctrue&b+c=%C3%A9%26%27");
  assert.equal(formatQuery(list, "repeat"), "a=x&a=true&b+c=%C3%A9%26%27");
  assert.equal(formatQuery(list, "brackets"), "a%5B%5D=x&a%5B%5D=true&b+c=%C3%A9%26%27");
  assert.equal(formatQuery({ a: { b: { c: 1 } } }, "comma", "dots"), "a.b.c=1");
  assert.equal(formatQuery({ a: { b: 1 } }, "comma", "brackets"), "a%5Bb%5D=1");
  assert.throws(() => formatQuery(list, "indices"), { kind: "nested" });
});
