// Trains one model. Source: tinker.md section 3.3; seeds 000 section 3.3, 001 section 3.3.2, 002 phases 2 to 4.
import { GetInfoRequest, GetInfoResponse } from "../tinker/model.ts";
import { OptimStepRequest, OptimStepResponse, type AdamParams } from "../tinker/optimizer.ts";
import { ForwardBackwardOutput, ForwardBackwardRequest, ForwardRequest, type Datum, type LossFnType } from "../tinker/training.ts";
import * as weights from "../tinker/weights.ts";
import type { Codec } from "../wire/codec.ts";
import { combineOutputs, sendingOrder, split } from "./chunks.ts";
import { UsageError, ValidationError } from "./errors.ts";
import { retrieve, type Observer } from "./future.ts";
import { SamplingClient } from "./sampling_client.ts";
import type { Promised, Session } from "./session.ts";

type LossConfig = Readonly<Record<string, number>>;

/** Every call takes its numbers at once and is sent behind those before it; one that fails does not stop the next. */
export class TrainingClient {
  readonly modelId: string;
  readonly #session: Session;
  readonly #observer: Observer;
  #next = 1;
  /** Settled when the call before has sent all it has. */
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(session: Session, modelId: string, observer: Observer = () => undefined) {
    this.#session = session;
    this.modelId = modelId;
    this.#observer = observer;
  }

  /** Outputs and metrics of a batch of any size. */
  forward(data: readonly Datum[], lossFn: LossFnType, config?: LossConfig): Promise<ForwardBackwardOutput> {
    return this.#pass(data, (batch, seq_id) => {
      const forward_input = { data: batch, loss_fn: lossFn, loss_fn_config: config ?? null };
      return this.#session.promise("forward", "Forward", ForwardRequest, { forward_input, model_id: this.modelId, seq_id });
    });
  }

  /** As forward, and adds to the gradients. */
  forwardBackward(data: readonly Datum[], lossFn: LossFnType, config?: LossConfig): Promise<ForwardBackwardOutput> {
    return this.#pass(data, (batch, seq_id) => {
      const request = {
        forward_backward_input: { data: batch, loss_fn: lossFn, loss_fn_config: config ?? null },
        model_id: this.modelId,
        seq_id,
      };
      return this.#session.promise("forward_backward", "ForwardBackward", ForwardBackwardRequest, request);
    });
  }

  /** Changes the weights by the gradients, which begin anew. */
  optimStep(adam: AdamParams = {}): Promise<OptimStepResponse> {
    return this.#call(OptimStepResponse, (seq_id) => {
      const request = { adam_params: adam, model_id: this.modelId, seq_id, type: "optim_step" } as const;
      return this.#session.promise("optim_step", "OptimStep", OptimStepRequest, request);
    });
  }

  /** Weights and optimizer, under the path that the result tells. */
  saveState(name: string): Promise<weights.SaveWeightsResponse> {
    return this.#call(weights.SaveWeightsResponse, (seq_id) => {
      const request = { model_id: this.modelId, path: name, seq_id, type: "save_weights" } as const;
      return this.#session.promise("save_weights", "SaveWeights", weights.SaveWeightsRequest, request);
    });
  }

  /** The weights; the optimizer begins anew. */
  loadState(path: string): Promise<weights.LoadWeightsResponse> {
    return this.#load(path, false);
  }

  /** Throws UsageError in 0.4.1, which cannot say so. */
  async loadStateWithOptimizer(path: string): Promise<weights.LoadWeightsResponse> {
    if (!this.#session.dialect.envelope) throw new UsageError("no_optimizer", "0.4.1 loads no optimizer");
    return this.#load(path, true);
  }

  /** What createSamplingClient takes. */
  saveWeightsForSampler(name: string): Promise<weights.SaveWeightsForSamplerResponse> {
    return this.#saveForSampler({ path: name });
  }

  /** Samples from the weights as they are now; they are kept for that client only. */
  async saveWeightsAndGetSamplingClient(): Promise<SamplingClient> {
    const saved = await this.#saveForSampler({ sampling_session_seq_id: this.#session.nextSampler() });
    if (!saved.sampling_session_id) {
      throw new ValidationError("weights were saved for a sampler, and no sampling session was named");
    }
    return new SamplingClient(this.#session, saved.sampling_session_id);
  }

  getInfo(): Promise<GetInfoResponse> {
    const request = { model_id: this.modelId, type: "get_info" } as const;
    return this.#session.persist(() => this.#session.ask("get_info", GetInfoRequest, request, GetInfoResponse));
  }

  /** Every later call throws UsageError. */
  close(): void {
    this.#closed = true;
  }

  #load(path: string, optimizer: boolean): Promise<weights.LoadWeightsResponse> {
    return this.#call(weights.LoadWeightsResponse, (seq_id) => {
      const request = { model_id: this.modelId, path, seq_id, optimizer, type: "load_weights" } as const;
      return this.#session.promise("load_weights", "LoadWeights", weights.LoadWeightsRequest, request);
    });
  }

  #saveForSampler(where: { path: string } | { sampling_session_seq_id: number }): Promise<weights.SaveWeightsForSamplerResponse> {
    return this.#call(weights.SaveWeightsForSamplerResponse, (seq_id) => {
      const request = { model_id: this.modelId, ...where, seq_id, type: "save_weights_for_sampler" } as const;
      const codec = weights.SaveWeightsForSamplerRequest;
      return this.#session.promise("save_weights_for_sampler", "SaveWeightsForSampler", codec, request);
    });
  }

  /** A call of one request. */
  async #call<T>(result: Codec<T>, send: (seqId: number) => Promise<Promised>): Promise<T> {
    const [promised] = await this.#submit(1, send);
    if (promised === undefined) throw new Error("one request gives one promise");
    return retrieve(this.#session, promised, result, this.#observer);
  }

  /** A call of as many requests as its data need; their results become one. */
  async #pass(data: readonly Datum[], send: (batch: Datum[], seqId: number) => Promise<Promised>): Promise<ForwardBackwardOutput> {
    const batches = split(data, this.#session.dialect.limits);
    const promises = await this.#submit(batches.length, (seqId, index) => send(batches[index] ?? [], seqId));
    const results = promises.map((each) => retrieve(this.#session, each, ForwardBackwardOutput, this.#observer));
    return combineOutputs(await Promise.all(results), this.#session.dialect);
  }

  /** Takes numbers and a place in line, now; then sends one request behind the promise of the other. */
  #submit(count: number, send: (seqId: number, index: number) => Promise<Promised>): Promise<Promised[]> {
    if (this.#closed) throw new UsageError("closed", `the client of ${this.modelId} is closed`);
    const order = sendingOrder(this.#next, count);
    this.#next += count;
    const sent = this.#last.then(async () => {
      const promises: Promised[] = [];
      for (const [index, seqId] of order.entries()) promises.push(await this.#session.persist(() => send(seqId, index)));
      return promises;
    });
    this.#last = sent.catch(() => undefined);
    return sent;
  }
}
