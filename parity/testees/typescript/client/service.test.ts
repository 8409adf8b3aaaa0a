import assert from "node:assert/strict";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { OptimStepResponse } from "../tinker/optimizer.ts";
import type { Datum } from "../tinker/training.ts";
import { RateLimits } from "./backoff.ts";
import { SYSTEM_CLOCK, type Clock } from "./clock.ts";
import { TINKEX, V041, type Dialect } from "./dialect.ts";
import { RequestFailed, WaitTimeout } from "./errors.ts";
import { retrieve, within } from "./future.ts";
import { text } from "./sampling_client.ts";
import { ServiceClient } from "./service.ts";

/** Notes sleeps, and is ahead by as much. */
class StillClock implements Clock {
  readonly slept: number[] = [];
  now = SYSTEM_CLOCK.now;
  limit = SYSTEM_CLOCK.limit;
  passed(): number {
    return this.slept.reduce((total, seconds) => total + seconds, 0);
  }
  async sleep(seconds: number): Promise<void> {
    this.slept.push(seconds);
  }
}

type Planted = (response: ServerResponse) => void;
const says =
  (status: number, body: unknown, headers = {}): Planted =>
  (response) =>
    response.writeHead(status, headers).end(JSON.stringify(body));
const USUAL = says(200, {
  session_id: "s",
  sampling_session_id: "ss",
  request_id: "r",
  model_id: "m",
  sequences: [],
  loss_fn_output_type: "T",
  loss_fn_outputs: [],
  metrics: {},
});

const opened: { close(): void }[] = [];
after(() => opened.forEach((each) => each.close()));

/** A client of a server that answers by path with what is planted, then as usual. */
async function start(dialect: Dialect, planted: Record<string, Planted[]> = {}) {
  const sent: { path: string; body: string; key: unknown; apiKey: unknown }[] = [];
  const server: Server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const path = request.url?.replace("/api/v1/", "") ?? "";
      const { "x-idempotency-key": key, "x-api-key": apiKey } = request.headers;
      sent.push({ path, body: Buffer.concat(pieces).toString(), key, apiKey });
      (planted[path]?.shift() ?? USUAL)(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const clock = new StillClock();
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const told = { dialect, baseUrl, apiKey: "k", telemetry: false };
  const service = new ServiceClient(told, { clock, random: () => 0, limits: new RateLimits(), env: {} });
  opened.push(service, { close: () => (server.closeAllConnections(), server.close()) });
  return { service, sent, clock };
}

test("calls arrive in their order", async () => {
  const { service, sent } = await start(V041);
  const model = await service.createTrainingClient("base");
  await Promise.all(Array.from({ length: 20 }, () => model.optimStep()));
  const steps = sent.filter(({ path }) => path === "optim_step").map(({ body }) => JSON.parse(body).seq_id);
  assert.deepEqual(steps, Array.from({ length: 20 }, (_, index) => index + 1));
});

test("chunks are combined", async () => {
  const output = (loss: number) =>
    says(200, { loss_fn_output_type: "T", loss_fn_outputs: [{}], metrics: { "loss:sum": loss } });
  const { service } = await start(V041, { retrieve_future: [says(200, { model_id: "m" }), output(1), output(2)] });
  const data = new Array<Datum>(129).fill({ loss_fn_inputs: {}, model_input: text([1]) });
  const got = await (await service.createTrainingClient("base")).forwardBackward(data, "cross_entropy");
  assert.deepEqual([got.metrics, got.loss_fn_outputs.length], [{ "loss:sum": 3 }, 2]);
});

test("retries keep their idempotency key", async () => {
  const lost: Planted = (response) => response.destroy();
  const { service, sent, clock } = await start(V041, { thing: [says(503, null), lost] });
  const answer = await service.session.http.send({ method: "POST", path: "/api/v1/thing" });
  assert.equal(answer.status, 200);
  assert.deepEqual(clock.slept, [0.5, 1]);
  assert.equal(new Set(sent.map(({ key }) => key)).size, 1);
  assert.match(String(sent[0]?.key), /-[0-9a-f]{12}$/);
});

test("the key stays with its host", async () => {
  const { service: other, sent } = await start(V041);
  const away = `${other.session.config.baseUrl}/api/v1/away`;
  const { service } = await start(V041, { thing: [says(307, null, { location: away })] });
  await service.session.http.send({ method: "POST", path: "/api/v1/thing", body: "{}" });
  assert.deepEqual(sent.map(({ path, body, apiKey }) => [path, body, apiKey]), [["away", "{}", undefined]]);
});

test("a 429 makes all samples of a tenant wait", async () => {
  const done = says(200, { status: "completed", result: { sequences: [] } });
  const { service, clock } = await start(TINKEX, { asample: [says(429, {}, { "retry-after": "7" })], retrieve_future: [done] });
  await (await service.createSamplingClient({ baseModel: "base" })).sample(text([1]), { max_tokens: 1 });
  assert.deepEqual(clock.slept, [7]);
});

test("limits are one tenant's", async () => {
  const [limits, clock] = [new RateLimits(), new StillClock()];
  limits.of("u", "k", clock).pause(3);
  await limits.of("u", "l", clock).wait();
  assert.deepEqual(clock.slept, []);
  await limits.of("u", "k", clock).wait();
  assert.deepEqual(clock.slept, [3]);
});

test("a load that fails leaves no client", async () => {
  const run = { training_run_id: "r", base_model: "b", model_owner: "o", is_lora: true, last_request_time: "2026-01-01T00:00:00Z" };
  const { service } = await start(V041, {
    "training_runs/r": [says(200, run)],
    retrieve_future: [says(200, { model_id: "m" }), says(200, { error: "no", category: "user" })],
  });
  await assert.rejects(service.createTrainingClientFromState("tinker://r/weights/a"), RequestFailed);
});

test("who gives up waiting may wait again", async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const slow: Planted = (response) => void released.then(() => says(200, { metrics: null })(response));
  const { service } = await start(V041, { retrieve_future: [slow] });
  const work = retrieve(service.session, { requestId: "r", kind: "OptimStep" }, OptimStepResponse);
  await assert.rejects(within(work, 0.05, service.session.clock), WaitTimeout);
  release();
  assert.deepEqual(await work, { metrics: null });
});
