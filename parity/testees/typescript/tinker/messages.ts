// The messages that this client speaks, by the name in their definition.
import type { Codec } from "../wire/codec.ts";
import * as auth from "./auth.ts";
import * as checkpoint from "./checkpoint.ts";
import * as future from "./future.ts";
import * as input from "./input.ts";
import * as lists from "./lists.ts";
import * as model from "./model.ts";
import * as optimizer from "./optimizer.ts";
import * as sampling from "./sampling.ts";
import * as server from "./server.ts";
import * as session from "./session.ts";
import * as telemetry from "./telemetry.ts";
import * as training from "./training.ts";
import * as weights from "./weights.ts";

const { Chunk, ImageFormat: _format, ...chunks } = input;
const { QueueState: _queue, RequestErrorCategory: _category, ...futures } = future;
const { StopReason: _stop, ...samples } = sampling;
const { Severity: _severity, ...events } = telemetry;
const { TensorDtype: _dtype, LossFnType: _loss, ...passes } = training;

export const MESSAGES: ReadonlyMap<string, Codec<unknown>> = new Map(
  Object.entries({
    ModelInputChunk: Chunk,
    ...auth,
    ...checkpoint,
    ...chunks,
    ...events,
    ...futures,
    ...lists,
    ...model,
    ...optimizer,
    ...passes,
    ...samples,
    ...server,
    ...session,
    ...weights,
  }).map(([name, codec]) => [`tinker.v1.${name}`, codec as Codec<unknown>]),
);
