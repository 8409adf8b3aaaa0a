import assert from "node:assert/strict";
import { test } from "node:test";
import { EventDecoder } from "./sse.ts";

test("events come out of pieces of any size", () => {
  const stream = Buffer.from("\ufeffevent: a\r\ndata: é\r\ndata:  2\r\n\r\n: note\nid: 7\nretry: 10\n\ndata: unfinished\n");
  for (let size = 1; size <= stream.length; size++) {
    const decoder = new EventDecoder();
    const events = [];
    for (let begin = 0; begin < stream.length; begin += size) events.push(...decoder.feed(stream.subarray(begin, begin + size)));
    events.push(...decoder.end());
    assert.deepEqual(events, [{ data: "é\n 2", event: "a" }, { data: "", id: "7", retry: 10 }], `in pieces of ${size}`);
  }
});
