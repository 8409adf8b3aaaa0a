// npm's `openai`, unmodified, as a judge of the mock's /v1. SAMEWIRE_URL: a session of its own.
import assert from "node:assert/strict";
import test from "node:test";

import OpenAI from "openai";

const client = new OpenAI({ baseURL: `${process.env.SAMEWIRE_URL}/v1`, apiKey: "ollama", maxRetries: 0 });
const model = "qwen2.5:3b";
const messages = [{ role: "user", content: "Why is the sky blue?" }];
const add = {
  type: "function",
  function: {
    name: "add_numbers",
    parameters: {
      type: "object",
      required: ["a", "b"],
      properties: { a: { type: "integer" }, b: { type: "integer" } },
    },
  },
};

async function all(stream) {
  const found = [];
  for await (const each of await stream) found.push(each);
  return found;
}

test("chat", async () => {
  const whole = await client.chat.completions.create({ model, messages });
  const [choice] = whole.choices;
  assert.deepEqual([choice.message.role, choice.finish_reason], ["assistant", "stop"]);
  const asked = { model, messages, stream: true, stream_options: { include_usage: true } };
  const chunks = await all(client.chat.completions.create(asked));
  assert.equal(chunks.map((each) => each.choices[0]?.delta.content ?? "").join(""), choice.message.content);
  assert.deepEqual(chunks.at(-1).usage, whole.usage);
  assert.equal(chunks.at(-2).choices[0].finish_reason, "stop");
});

test("the stream helper puts it together", async () => {
  const runner = client.chat.completions.stream({ model, messages });
  const whole = await client.chat.completions.create({ model, messages });
  assert.equal(await runner.finalContent(), whole.choices[0].message.content);
});

test("tools", async () => {
  const turns = [{ role: "user", content: "Please add_numbers 3 and 4" }];
  const [choice] = (await client.chat.completions.create({ model, messages: turns, tools: [add] })).choices;
  assert.equal(choice.finish_reason, "tool_calls");
  assert.deepEqual(JSON.parse(choice.message.tool_calls[0].function.arguments), { a: 3, b: 4 });
  turns.push(choice.message, { role: "tool", tool_call_id: choice.message.tool_calls[0].id, content: "7" });
  const answer = await client.chat.completions.create({ model, messages: turns, tools: [add] });
  assert.match(answer.choices[0].message.content, /7/);
});

test("structured outputs", async () => {
  const schema = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
  const response_format = { type: "json_schema", json_schema: { name: "n", schema } };
  const said = await client.chat.completions.create({ model, messages, response_format });
  assert.ok(Number.isInteger(JSON.parse(said.choices[0].message.content).n));
});

test("completions", async () => {
  const whole = await client.completions.create({ model, prompt: "Once", max_tokens: 5 });
  const chunks = await all(client.completions.create({ model, prompt: "Once", max_tokens: 5, stream: true }));
  assert.equal(chunks.map((each) => each.choices[0].text).join(""), whole.choices[0].text);
});

test("embeddings", async () => {
  const found = await client.embeddings.create({ model: "nomic-embed-text", input: ["x", "y"], dimensions: 4 });
  assert.deepEqual(found.data.map((each) => each.embedding.length), [4, 4]);
});

test("models", async () => {
  assert.equal((await client.models.retrieve(model)).owned_by, "library");
  assert.ok((await all(client.models.list())).some((each) => each.id === model));
});

test("errors", async () => {
  await assert.rejects(client.chat.completions.create({ model: "nope", messages }), (error) => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.deepEqual([error.status, error.type, error.error.message], [404, "not_found_error", "model 'nope' not found"]);
    return true;
  });
  await assert.rejects(client.chat.completions.create({ model, messages: [] }), OpenAI.BadRequestError);
});

test("a stream is left", async () => {
  const stream = await client.chat.completions.create({ model, messages, stream: true });
  for await (const _ of stream) {
    stream.controller.abort();
    break;
  }
  assert.ok((await client.models.retrieve(model)).id);
});
