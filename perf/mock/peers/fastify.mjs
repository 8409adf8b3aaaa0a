// The endpoint on fastify, with a schema for the body and the reply: node fastify.mjs MODULES PORT REPLY
import { createRequire } from "node:module";

const [modules, port, text] = process.argv.slice(2);
const fastify = createRequire(`${modules}/`)("fastify");
const reply = JSON.parse(text);
const kinds = { string: "string", number: "number" };
const schemaOf = (value) =>
  typeof value === "object"
    ? { type: "object", properties: Object.fromEntries(Object.entries(value).map(([key, one]) => [key, schemaOf(one)])) }
    : { type: kinds[typeof value] };

const app = fastify({ logger: false });
const body = {
  type: "object",
  required: ["model", "user"],
  properties: {
    model: { type: "string" },
    user: { type: "object", required: ["tier"], properties: { tier: { type: "string" } } },
  },
};
app.post("/v1/chat", { schema: { body, response: { 200: schemaOf(reply) } } }, async (request, answer) => {
  if (request.body.model === "tml-chat-1" && request.body.user.tier === "gold") return reply;
  answer.code(404);
  return {};
});
await app.listen({ host: "127.0.0.1", port: Number(port) });
