// Samples from one model, many at a time. Source: tinker.md section 3.5; seeds 000 section 3.3, 001 section 3.3.3.
import type { ModelInput } from "../tinker/input.ts";
import { SampleRequest, SampleResponse, type SamplingParams } from "../tinker/sampling.ts";
import { samplingPause, sampleRetryDelay } from "./backoff.ts";
import { retriesFailure } from "./category.ts";
import { retriesStatus } from "./dialect.ts";
import { ConnectionFailed, Expired, RequestFailed, StatusError, ValidationError } from "./errors.ts";
import { retrieve, type Observer } from "./future.ts";
import type { Promised, Session } from "./session.ts";

/** Samples that are being submitted at a time. */
const CONCURRENT = 400;
/** Some sample has to get on. */
const PROGRESS_LIMIT_S = 1800;

export interface SampleOptions {
  readonly numSamples?: number | undefined;
  readonly promptLogprobs?: boolean | undefined;
  readonly topkPromptLogprobs?: number | undefined;
}

/** A 429: no failure, but all samples of the tenant wait, then this one is sent again. */
class Limited extends Error {
  readonly seconds: number;
  constructor(seconds: number) {
    super(`limited for ${seconds} s`);
    this.seconds = seconds;
  }
}

/** A prompt of tokens only. */
export function text(tokens: readonly (number | bigint)[]): ModelInput {
  return { chunks: [{ type: "encoded_text", tokens: [...tokens] }] };
}

export class SamplingClient {
  readonly sessionId: string;
  readonly #session: Session;
  readonly #observer: Observer;
  readonly #waiting: (() => void)[] = [];
  #free = CONCURRENT;
  #numbers = 0;
  #progress: number;

  constructor(session: Session, sessionId: string, observer: Observer = () => undefined) {
    this.#session = session;
    this.sessionId = sessionId;
    this.#observer = observer;
    this.#progress = session.clock.passed();
  }

  /** Is tried again as long as any sample gets on. */
  async sample(prompt: ModelInput, params: SamplingParams, options: SampleOptions = {}): Promise<SampleResponse> {
    const { clock, random } = this.#session;
    this.#progress = clock.passed();
    for (let attempt = 0; ; attempt++) {
      try {
        const promised = await this.#submit(prompt, params, options);
        const response = await retrieve(this.#session, promised, SampleResponse, this.#observer);
        this.#progress = clock.passed();
        return response;
      } catch (error) {
        if (!this.#again(error)) throw error;
        if (clock.passed() - this.#progress > PROGRESS_LIMIT_S) {
          throw new ConnectionFailed(`no sample got on for ${PROGRESS_LIMIT_S} s`, { cause: error });
        }
      }
      await clock.sleep(sampleRetryDelay(attempt, random()));
    }
  }

  /** Of each token of the prompt, given those before it; null for the first. */
  async computeLogprobs(prompt: ModelInput): Promise<(number | null)[]> {
    const { prompt_logprobs } = await this.sample(prompt, { max_tokens: 1 }, { promptLogprobs: true });
    if (!prompt_logprobs) throw new ValidationError("log probabilities of the prompt were asked for, and none came");
    return prompt_logprobs;
  }

  #again(error: unknown): boolean {
    const { dialect } = this.#session;
    if (error instanceof StatusError) return retriesStatus(error.status, dialect);
    if (error instanceof RequestFailed) return retriesFailure(error.category, undefined, dialect);
    return error instanceof ConnectionFailed || error instanceof Expired;
  }

  /** Takes a new number for every try. */
  async #submit(prompt: ModelInput, params: SamplingParams, options: SampleOptions): Promise<Promised> {
    const { rateLimit } = this.#session;
    await this.#enter();
    try {
      for (;;) {
        await rateLimit.wait();
        const request = this.#request(prompt, params, options);
        try {
          return await this.#session.persist(() => this.#send(request));
        } catch (error) {
          if (!(error instanceof Limited)) throw error;
          rateLimit.pause(error.seconds);
        }
      }
    } finally {
      this.#leave();
    }
  }

  #request(prompt: ModelInput, params: SamplingParams, options: SampleOptions): SampleRequest {
    return {
      num_samples: options.numSamples ?? 1,
      prompt,
      sampling_params: params,
      sampling_session_id: this.sessionId,
      seq_id: this.#numbers++,
      prompt_logprobs: options.promptLogprobs ?? false,
      topk_prompt_logprobs: options.topkPromptLogprobs ?? 0,
      type: "sample",
    };
  }

  async #send(request: SampleRequest): Promise<Promised> {
    const how = { headers: { "x-tinker-sampling-backpressure": "1" }, maxRetries: 0 };
    try {
      return await this.#session.promise("asample", "Sample", SampleRequest, request, how);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      const pause = samplingPause(error.status, error.headers, this.#session.clock.now(), this.#session.dialect);
      throw pause > 0 ? new Limited(pause) : error;
    }
  }

  /** Waits for one of CONCURRENT places. */
  async #enter(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
