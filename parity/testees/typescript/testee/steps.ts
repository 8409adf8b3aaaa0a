// The steps of scenarios, each one call of the client.
import { within, retrieve } from "../client/future.ts";
import { formatQuery } from "../client/query.ts";
import { text, type SamplingClient } from "../client/sampling_client.ts";
import type { TrainingClient } from "../client/training_client.ts";
import { run } from "../command/command.ts";
import { CheckpointsListResponse, TrainingRun, TrainingRunsResponse } from "../tinker/checkpoint.ts";
import type { QueueState } from "../tinker/future.ts";
import { CreateModelResponse, GetInfoResponse } from "../tinker/model.ts";
import { AdamParams, OptimStepResponse } from "../tinker/optimizer.ts";
import { SampleResponse, SamplingParams } from "../tinker/sampling.ts";
import { GetServerCapabilitiesResponse } from "../tinker/server.ts";
import { Datum, ForwardBackwardOutput, LossFnType } from "../tinker/training.ts";
import { LoadWeightsResponse, SaveWeightsForSamplerResponse, SaveWeightsResponse } from "../tinker/weights.ts";
import { list, type Codec } from "../wire/codec.ts";
import { parse, stringify, WireError, type Json } from "../wire/json.ts";
import { at, plain, read, show } from "./reading.ts";
import type { Actor } from "./scenario.ts";
import { Unsupported } from "./unsupported.ts";

export type Step = (actor: Actor, told: Json) => unknown;

/** Results by the type of their request: how the service calls that, and the message. */
const RESULTS: Readonly<Record<string, readonly [string, Codec<any>]>> = { // eslint-disable-line @typescript-eslint/no-explicit-any
  create_model: ["CreateModel", CreateModelResponse],
  forward: ["Forward", ForwardBackwardOutput],
  forward_backward: ["ForwardBackward", ForwardBackwardOutput],
  optim_step: ["OptimStep", OptimStepResponse],
  save_weights: ["SaveWeights", SaveWeightsResponse],
  load_weights: ["LoadWeights", LoadWeightsResponse],
  save_weights_for_sampler: ["SaveWeightsForSampler", SaveWeightsForSamplerResponse],
  sample: ["Sample", SampleResponse],
};

async function http(actor: Actor, told: Json): Promise<unknown> {
  const { method, path, headers, query = "", timeout_s: timeout, max_retries: maxRetries } = plain(told);
  const body = at(told, "body");
  const answer = await actor.service.session.http.send({
    method,
    path,
    headers,
    query: typeof query === "string" ? query : formatQuery(query),
    body: body === undefined ? undefined : stringify(body),
    timeout,
    maxRetries,
  });
  return { status: answer.status, json: said(answer.body) };
}

/** What is no JSON is null. */
function said(body: Uint8Array): Json {
  try {
    return parse(body);
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

function trained(actor: Actor, told: Json, client: TrainingClient): unknown {
  actor.trainers.set(plain(told).as ?? "training", client);
  return { model_id: client.modelId };
}

function sampling(actor: Actor, told: Json, client: SamplingClient): unknown {
  actor.samplers.set(plain(told).as ?? "sampling", client);
  return {};
}

async function create(actor: Actor, told: Json): Promise<unknown> {
  const { base_model, rank, seed } = plain(told);
  return trained(actor, told, await actor.service.createTrainingClient(base_model, { rank, seed }));
}

async function fromState(actor: Actor, told: Json): Promise<unknown> {
  const { path, optimizer } = plain(told);
  return trained(actor, told, await actor.service.createTrainingClientFromState(path, { optimizer }));
}

/** Data are a list, or one datum and how often. */
function data(actor: Actor, told: Json): Datum[] {
  const given = at(told, "data") ?? null;
  if (Array.isArray(given)) return read(list(Datum), given, actor.dialect);
  return new Array<Datum>(plain(given).count).fill(read(Datum, at(given, "datum"), actor.dialect));
}

const pass =
  (method: "forward" | "forwardBackward"): Step =>
  async (actor, told) => {
    const loss = read(LossFnType, at(told, "loss_fn"), actor.dialect);
    const output = await actor.trainer(plain(told).on)[method](data(actor, told), loss, plain(told).loss_fn_config);
    return show(ForwardBackwardOutput, output, actor.dialect);
  };

async function optim(actor: Actor, told: Json): Promise<unknown> {
  const adam = read(AdamParams, at(told, "adam") ?? {}, actor.dialect);
  return show(OptimStepResponse, await actor.trainer(plain(told).on).optimStep(adam), actor.dialect);
}

async function createSampling(actor: Actor, told: Json): Promise<unknown> {
  const { base_model: baseModel, model_path: modelPath } = plain(told);
  return sampling(actor, told, await actor.service.createSamplingClient({ baseModel, modelPath }));
}

async function samplingFromTraining(actor: Actor, told: Json): Promise<unknown> {
  return sampling(actor, told, await actor.trainer(plain(told).on).saveWeightsAndGetSamplingClient());
}

/** Tokens are a list, or one token and how often. */
function prompt(told: Json) {
  const { tokens } = plain(told);
  return text(Array.isArray(tokens) ? tokens : new Array<number>(tokens.count).fill(tokens.token));
}

async function sample(actor: Actor, told: Json): Promise<unknown> {
  const { on, num_samples: numSamples, prompt_logprobs: promptLogprobs, topk_prompt_logprobs: topkPromptLogprobs } = plain(told);
  const params = read(SamplingParams, at(told, "params") ?? {}, actor.dialect);
  const options = { numSamples, promptLogprobs, topkPromptLogprobs };
  return show(SampleResponse, await actor.sampler(on).sample(prompt(told), params, options), actor.dialect);
}

async function future(actor: Actor, told: Json): Promise<unknown> {
  const { request_id: requestId, type, timeout_s, observe = false } = plain(told);
  const [kind, codec] = RESULTS[type] ?? [];
  if (kind === undefined || codec === undefined) throw new Unsupported(`there is no result of type ${type}`);
  const observed: QueueState[] = [];
  const ended = new AbortController();
  const { session } = actor.service;
  const work = retrieve(session, { requestId, kind }, codec, (state) => observed.push(state), ended.signal);
  try {
    const value = show(codec, await (timeout_s === undefined ? work : within(work, timeout_s, session.clock)), actor.dialect);
    return observe ? { result: value, observed } : value;
  } finally {
    ended.abort(); // nobody else waits for it
  }
}

async function telemetry(actor: Actor, told: Json): Promise<unknown> {
  const { session } = actor.service;
  await session.begin();
  const events = at(told, "events") ?? null;
  const given = Array.isArray(events) ? events : new Array<Json>(plain(events).count).fill(at(events, "event") ?? null);
  for (const event of given) {
    const { kind, name = "planted" } = plain(event);
    if (kind === "UNHANDLED_EXCEPTION") session.reporter?.exception(new Error(name));
    else if (kind === "GENERIC_EVENT") session.reporter?.event(name, (at(event, "data") ?? {}) as { [key: string]: Json });
  }
  await session.reporter?.flush();
  return {};
}

async function command({ service }: Actor, told: Json): Promise<unknown> {
  let [stdout, stderr] = ["", ""];
  const exit = await run(plain(told).args, {
    service,
    ask: () => Promise.resolve(""),
    out: (text) => void (stdout += text),
    err: (text) => void (stderr += text),
  });
  return { exit, stdout, stderr };
}

const done = async (work: Promise<unknown>) => {
  await work;
  return {};
};

const path = async (work: Promise<{ path?: string | null }>) => ({ path: (await work).path });

export const STEPS: ReadonlyMap<string, Step> = new Map<string, Step>([
  ["http", http],
  ["service.capabilities", async ({ service, dialect }) => show(GetServerCapabilitiesResponse, await service.rest().getServerCapabilities(), dialect)],
  ["training.create", create],
  ["training.from_state", fromState],
  ["training.info", async (actor, told) => show(GetInfoResponse, await actor.trainer(plain(told).on).getInfo(), actor.dialect)],
  ["training.forward", pass("forward")],
  ["training.forward_backward", pass("forwardBackward")],
  ["training.optim_step", optim],
  ["training.save_state", (actor, told) => path(actor.trainer(plain(told).on).saveState(plain(told).name))],
  ["training.load_state", (actor, told) => done(actor.trainer(plain(told).on).loadState(plain(told).path))],
  ["training.load_state_with_optimizer", (actor, told) => done(actor.trainer(plain(told).on).loadStateWithOptimizer(plain(told).path))],
  ["training.save_for_sampler", (actor, told) => path(actor.trainer(plain(told).on).saveWeightsForSampler(plain(told).name))],
  ["sampling.create", createSampling],
  ["sampling.from_training", samplingFromTraining],
  ["sampling.sample", sample],
  ["sampling.compute_logprobs", (actor, told) => actor.sampler(plain(told).on).computeLogprobs(prompt(told))],
  [
    "rest.training_runs",
    async ({ service, dialect }, told) =>
      show(TrainingRunsResponse, await service.rest().listTrainingRuns(plain(told).limit, plain(told).offset), dialect),
  ],
  ["rest.training_run", async ({ service, dialect }, told) => show(TrainingRun, await service.rest().getTrainingRun(plain(told).run), dialect)],
  [
    "rest.checkpoints",
    async ({ service, dialect }, told) => show(CheckpointsListResponse, await service.rest().listCheckpoints(plain(told).run), dialect),
  ],
  [
    "rest.user_checkpoints",
    async ({ service, dialect }, told) =>
      show(CheckpointsListResponse, await service.rest().listUserCheckpoints(plain(told).limit, plain(told).offset), dialect),
  ],
  ["rest.archive_url", async ({ service }, told) => ({ url: (await service.rest().getCheckpointArchiveUrl(plain(told).path)).url })],
  ["rest.publish", async ({ service }, told) => done(service.rest().publishCheckpoint(plain(told).path))],
  ["rest.unpublish", async ({ service }, told) => done(service.rest().unpublishCheckpoint(plain(told).path))],
  ["rest.delete", async ({ service }, told) => done(service.rest().deleteCheckpoint(plain(told).path))],
  ["future.result", future],
  ["telemetry.send", telemetry],
  ["cli", command],
]);
