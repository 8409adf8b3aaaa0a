// Where a program begins. Source: tinker.md sections 1.3, 2.3 and 4; seed 002 phase 5.
import { CreateModelRequest, CreateModelResponse } from "../tinker/model.ts";
import { CreateSamplingSessionRequest, CreateSamplingSessionResponse } from "../tinker/sampling.ts";
import { RateLimits } from "./backoff.ts";
import { SYSTEM_CLOCK, type Clock, type Random } from "./clock.ts";
import { resolve, type Environment, type Told } from "./config.ts";
import { UsageError } from "./errors.ts";
import { retrieve, type Observer } from "./future.ts";
import { parsePath, type TinkerPath } from "./path.ts";
import { RestClient } from "./rest.ts";
import { SamplingClient } from "./sampling_client.ts";
import { Session } from "./session.ts";
import { TrainingClient } from "./training_client.ts";

/** Of a LoRA that is told none. */
export const RANK = 32;

const SHARED = new RateLimits();

/** For who wants another clock, chance, environment, or limits that clients share. */
export interface Options {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly limits?: RateLimits;
  readonly env?: Environment;
}

export interface Lora {
  readonly rank?: number | undefined;
  readonly seed?: number | bigint | undefined;
  readonly observer?: Observer;
}

/** Any number live side by side; they share nothing but the limits of one tenant. Close it when it is not needed any more. */
export class ServiceClient {
  readonly session: Session;

  /** Throws UsageError where there is no API key. */
  constructor(told: Told = {}, options: Options = {}) {
    const config = resolve(told, options.env ?? process.env);
    this.session = new Session(config, options.clock ?? SYSTEM_CLOCK, options.random ?? Math.random, options.limits ?? SHARED);
  }

  close(): void {
    this.session.close();
  }

  rest(): RestClient {
    return new RestClient(this.session);
  }

  /** A new model. Not tried again as a whole. */
  async createTrainingClient(baseModel: string, { rank = RANK, seed, observer }: Lora = {}): Promise<TrainingClient> {
    const session_id = await this.session.begin();
    const promised = await this.session.promise("create_model", "CreateModel", CreateModelRequest, {
      session_id,
      model_seq_id: this.session.nextModel(),
      base_model: baseModel,
      user_metadata: null,
      lora_config: { rank, seed: seed ?? null, train_unembed: true, train_mlp: true, train_attn: true },
      type: "create_model",
    });
    const { model_id } = await retrieve(this.session, promised, CreateModelResponse);
    return new TrainingClient(this.session, model_id, observer);
  }

  /** A new model with saved weights, and their optimizer if asked for. What fails on the way leaves no client behind. */
  async createTrainingClientFromState(path: string, { optimizer = false } = {}): Promise<TrainingClient> {
    const parsed = parsePath(path);
    await this.session.begin();
    const [baseModel, rank] = await this.#madeOf(path, parsed);
    const client = await this.createTrainingClient(baseModel, { rank });
    try {
      await (optimizer ? client.loadStateWithOptimizer(path) : client.loadState(path));
    } catch (error) {
      client.close();
      throw error;
    }
    return client;
  }

  /** Of a base model, or of saved weights. Throws UsageError unless one of them is given. */
  async createSamplingClient(of: { baseModel?: string | undefined; modelPath?: string | undefined }, observer?: Observer): Promise<SamplingClient> {
    const { baseModel, modelPath } = of;
    if ((baseModel === undefined) === (modelPath === undefined)) {
      throw new UsageError("no_model", "either baseModel or modelPath is needed");
    }
    if (modelPath !== undefined) parsePath(modelPath);
    const session_id = await this.session.begin();
    const request = {
      session_id,
      sampling_session_seq_id: this.session.nextSampler(),
      base_model: baseModel ?? null,
      model_path: modelPath ?? null,
      type: "create_sampling_session",
    } as const;
    const created = await this.session.ask(
      "create_sampling_session",
      CreateSamplingSessionRequest,
      request,
      CreateSamplingSessionResponse,
    );
    return new SamplingClient(this.session, created.sampling_session_id, observer);
  }

  /** Base model and rank of saved weights: 0.4.1 asks for the run, the seeds for the weights. */
  async #madeOf(path: string, { run }: TinkerPath): Promise<[string, number | undefined]> {
    const rest = this.rest();
    const { base_model, lora_rank } = this.session.dialect.envelope ? await rest.getWeightsInfo(path) : await rest.getTrainingRun(run);
    return [base_model, lora_rank === null || lora_rank === undefined ? undefined : Number(lora_rank)];
  }
}
