// npm's `ollama`, unmodified, as a judge of the mock. SAMEWIRE_URL: a session of its own.
import assert from "node:assert/strict";
import test from "node:test";

import { Ollama } from "ollama";

const client = new Ollama({ host: process.env.SAMEWIRE_URL });
const model = "qwen2.5:3b";
const messages = [{ role: "user", content: "Why is the sky blue?" }];
const add = {
  type: "function",
  function: {
    name: "add_numbers",
    description: "Add two numbers.",
    parameters: {
      type: "object",
      required: ["a", "b"],
      properties: { a: { type: "integer", description: "first" }, b: { type: "integer", description: "second" } },
    },
  },
};

async function all(stream) {
  const found = [];
  for await (const each of await stream) found.push(each);
  return found;
}

const refused = (status, message) => (error) => {
  assert.deepEqual([error.status_code, error.message], [status, message]);
  return true;
};

test("generate", async () => {
  const whole = await client.generate({ model, prompt: "Why?" });
  assert.ok(whole.done && whole.response && whole.eval_count > 0 && whole.total_duration > 0);
  const pieces = await all(client.generate({ model, prompt: "Why?", stream: true }));
  assert.equal(pieces.map((each) => each.response).join(""), whole.response);
  assert.equal(pieces.at(-1).done, true);
  const cut = await client.generate({ model, prompt: "Why?", options: { num_predict: 2 }, keep_alive: "1m" });
  assert.deepEqual([cut.done_reason, cut.eval_count], ["length", 2]);
  assert.equal((await client.generate({ model, prompt: "" })).done_reason, "load");
  assert.equal((await client.generate({ model, prompt: "", keep_alive: 0 })).done_reason, "unload");
});

test("chat", async () => {
  const whole = await client.chat({ model, messages });
  assert.equal(whole.message.role, "assistant");
  const pieces = await all(client.chat({ model, messages, stream: true }));
  assert.equal(pieces.map((each) => each.message.content).join(""), whole.message.content);
  const thought = await client.chat({ model: "qwen3:0.6b", messages, think: "low" });
  assert.ok(thought.message.thinking && thought.message.content);
  const seen = [{ role: "user", content: "What is this?", images: [new Uint8Array([1, 2])] }];
  assert.ok((await client.chat({ model: "llava:7b", messages: seen })).message.content);
});

test("tools", async () => {
  const turns = [{ role: "user", content: "Please add_numbers 3 and 4" }];
  const said = (await client.chat({ model, messages: turns, tools: [add] })).message;
  assert.equal(said.tool_calls.length, 1);
  assert.deepEqual(said.tool_calls[0].function.arguments, { a: 3, b: 4 });
  turns.push(said, { role: "tool", content: "7", tool_name: "add_numbers" });
  assert.match((await client.chat({ model, messages: turns, tools: [add] })).message.content, /7/);
});

test("structured outputs", async () => {
  const format = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
  assert.ok(Number.isInteger(JSON.parse((await client.chat({ model, messages, format })).message.content).n));
  assert.equal(typeof JSON.parse((await client.generate({ model, prompt: "x", format: "json" })).response), "object");
});

test("embeddings", async () => {
  const found = await client.embed({ model: "nomic-embed-text", input: ["x", "y"], dimensions: 4 });
  assert.deepEqual(found.embeddings.map((each) => each.length), [4, 4]);
  assert.equal((await client.embeddings({ model: "nomic-embed-text", prompt: "x" })).embedding.length, 768);
});

test("models", async () => {
  assert.ok((await client.version()).version);
  assert.ok((await client.list()).models.some((each) => each.model === model));
  assert.ok((await client.show({ model })).model_info["general.architecture"]);
  const steps = await all(client.pull({ model: "fresh", stream: true }));
  assert.deepEqual([steps[0].status, steps.at(-1).status], ["pulling manifest", "success"]);
  assert.equal((await client.pull({ model: "fresh" })).status, "success");
  assert.equal((await client.push({ model: "fresh" })).status, "success");
  assert.equal((await all(client.push({ model: "fresh", stream: true }))).at(-1).status, "success");
  assert.equal((await client.create({ model: "made", from: "fresh", system: "s" })).status, "success");
  assert.equal((await all(client.create({ model: "made", from: "fresh", stream: true }))).at(-1).status, "success");
  assert.equal((await client.copy({ source: "fresh", destination: "mine" })).status, "success");
  assert.equal((await client.delete({ model: "fresh" })).status, "success");
  assert.ok((await client.list()).models.some((each) => each.name === "mine:latest"));
  await client.generate({ model: "mine", prompt: "", keep_alive: -1 });
  assert.ok((await client.ps()).models.some((each) => each.model === "mine:latest"));
});

test("errors", async () => {
  const missing = refused(404, "model 'nope' not found");
  await assert.rejects(client.generate({ model: "nope", prompt: "x" }), missing);
  await assert.rejects(client.chat({ model: "nope", messages, stream: true }), missing);
  await assert.rejects(client.delete({ model: "nope" }), missing);
  await assert.rejects(
    client.embed({ model: "nope", input: "x" }),
    refused(404, 'model "nope" not found, try pulling it first'),
  );
});

test("a stream is left", async () => {
  const stream = await client.chat({ model, messages, stream: true });
  await assert.rejects(
    async () => {
      for await (const _ of stream) stream.abort();
    },
    { name: "AbortError" },
  );
  assert.ok((await client.chat({ model, messages })).message.content);
});
