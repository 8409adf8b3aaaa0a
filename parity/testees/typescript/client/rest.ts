// Training runs and checkpoints. Source: tinker.md sections 1.4, 2.8 and 3.12; seed 000 section 3.3.
import { CheckpointsListResponse, TrainingRun, TrainingRunsResponse, type CheckpointArchiveUrlResponse } from "../tinker/checkpoint.ts";
import { GetServerCapabilitiesResponse } from "../tinker/server.ts";
import { WeightsInfoRequest, WeightsInfoResponse } from "../tinker/weights.ts";
import { ValidationError } from "./errors.ts";
import { parsePath } from "./path.ts";
import type { Session } from "./session.ts";

const ARCHIVE_LIVES_S = 900;

/** Each call is tried again as a whole submit is. */
export class RestClient {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  getServerCapabilities(): Promise<GetServerCapabilitiesResponse> {
    return this.#session.persist(() => this.#session.get("/api/v1/get_server_capabilities", GetServerCapabilitiesResponse));
  }

  /** One page. */
  listTrainingRuns(limit = 20, offset = 0): Promise<TrainingRunsResponse> {
    const query = `limit=${limit}&offset=${offset}`;
    return this.#session.persist(() => this.#session.get("/api/v1/training_runs", TrainingRunsResponse, query));
  }

  getTrainingRun(run: string): Promise<TrainingRun> {
    return this.#session.persist(() => this.#session.get(`/api/v1/training_runs/${segment(run)}`, TrainingRun));
  }

  /** All of a run. */
  listCheckpoints(run: string): Promise<CheckpointsListResponse> {
    const path = `/api/v1/training_runs/${segment(run)}/checkpoints`;
    return this.#session.persist(() => this.#session.get(path, CheckpointsListResponse));
  }

  /** One page. */
  listUserCheckpoints(limit = 100, offset = 0): Promise<CheckpointsListResponse> {
    const query = `limit=${limit}&offset=${offset}`;
    return this.#session.persist(() => this.#session.get("/api/v1/checkpoints", CheckpointsListResponse, query));
  }

  /** What a checkpoint was made from; 0.4.1 has no such call. */
  getWeightsInfo(path: string): Promise<WeightsInfoResponse> {
    const request = { tinker_path: path };
    return this.#session.persist(() => this.#session.ask("weights_info", WeightsInfoRequest, request, WeightsInfoResponse));
  }

  /** Where weights can be fetched, and until when. Not tried again as a whole. Throws UsageError for a bad path. */
  async getCheckpointArchiveUrl(path: string): Promise<CheckpointArchiveUrlResponse> {
    const call = { method: "GET", path: `${route(path)}/archive`, headers: { accept: "application/gzip" }, staysHere: true };
    const { headers } = await this.#session.http.send(call);
    const url = headers.get("location");
    if (url === null) throw new ValidationError("the service answered for an archive, and did not say where it is");
    const expires = Date.parse(headers.get("expires") ?? "") / 1000;
    const until = Number.isNaN(expires) ? this.#session.clock.now() + ARCHIVE_LIVES_S : expires;
    return { url, expires: BigInt(Math.round(until)) * 1_000_000_000n };
  }

  /** Shows a checkpoint to everybody. */
  publishCheckpoint(path: string): Promise<void> {
    return this.#act("POST", `${route(path)}/publish`);
  }

  /** Hides it again. */
  unpublishCheckpoint(path: string): Promise<void> {
    return this.#act("DELETE", `${route(path)}/publish`);
  }

  /** For good. */
  deleteCheckpoint(path: string): Promise<void> {
    return this.#act("DELETE", route(path));
  }

  async #act(method: string, path: string): Promise<void> {
    await this.#session.persist(() => this.#session.http.send({ method, path }));
  }
}

/** One segment of a path, in which a colon stands as it is. */
function segment(text: string): string {
  return encodeURIComponent(text).replaceAll("%3A", ":");
}

/** Of a checkpoint; the slash in its id stands as it is. */
function route(path: string): string {
  const { run, kind, name } = parsePath(path);
  return `/api/v1/training_runs/${segment(run)}/checkpoints/${kind}/${segment(name)}`;
}
