// What each command does; what it gives is written to stdout.
import { UsageError } from "../client/errors.ts";
import { collect } from "../client/pages.ts";
import { parsePath, type TinkerPath } from "../client/path.ts";
import { formatSize, formatTime } from "../client/people.ts";
import { V041 } from "../tinker/dialects.ts";
import { Checkpoint, TrainingRun } from "../tinker/checkpoint.ts";
import type { Infer } from "../wire/codec.ts";
import { timestamp } from "../wire/time.ts";
import type { Json } from "../wire/json.ts";
import type { Console } from "./command.ts";
import { asJson, asTable, shown } from "./output.ts";

const RUNS_PAGE = 100;
const CHECKPOINTS_PAGE = 1000;
type Checkpoint = Infer<typeof Checkpoint>;

/** What stands on the command line behind the command. */
export interface Words {
  readonly words: readonly string[];
  readonly asJson: boolean;
  readonly limit: number;
  readonly run: string | undefined;
  /** Nothing is asked before something is deleted. */
  readonly unasked: boolean;
}

interface Action {
  /** How many it takes. */
  readonly words: number;
  readonly options: readonly string[];
  readonly act: (words: Words, console: Console) => Promise<string>;
}

async function version(_: Words, { service }: Console): Promise<string> {
  return `tinker ${service.session.dialect.sdkVersion}\n`;
}

async function runList(words: Words, { service }: Console): Promise<string> {
  const fetch = async (limit: number, offset: number) => {
    const { training_runs: items, cursor } = await service.rest().listTrainingRuns(limit, offset);
    return { items, total: Number(cursor.total_count) };
  };
  const { items, total } = await collect(fetch, words.limit, RUNS_PAGE);
  if (words.asJson) return asJson({ runs: items.map((run) => shown(TrainingRun, run, service.session.dialect)) });
  const rows = items.map((run) => [
    run.training_run_id,
    run.base_model,
    run.model_owner,
    lora(run),
    ago(run.last_request_time),
    yesNo(run.corrupted),
  ]);
  return asTable(title(items.length, total, "training run"), [
    ["Run ID", "Base Model", "Owner", "LoRA", "Last Update", "Corrupted"],
    ...rows,
  ]);
}

async function runInfo({ words: [id = ""], asJson: json }: Words, { service }: Console): Promise<string> {
  const run = await service.rest().getTrainingRun(id);
  if (json) return asJson(shown(TrainingRun, run, service.session.dialect));
  return asTable("", [
    ["Property", "Value"],
    ["Run ID", run.training_run_id],
    ["Base Model", run.base_model],
    ["Owner", run.model_owner],
    ["LoRA", lora(run)],
    ["Last Update", ago(run.last_request_time)],
    ["Status", run.corrupted ? "Corrupted" : "Active"],
  ]);
}

async function checkpointList(words: Words, console: Console): Promise<string> {
  const { items, total } = await checkpoints(words, console);
  if (words.asJson) {
    const listed: Json = items.map((each) => shown(Checkpoint, each, console.service.session.dialect));
    return asJson({ ...(words.run === undefined ? {} : { run_id: words.run }), checkpoints: listed });
  }
  const rows = items.map((each) => [
    each.checkpoint_id,
    each.checkpoint_type,
    size(each),
    yesNo(each.public),
    ago(each.time),
    each.tinker_path,
  ]);
  return asTable(title(items.length, total, "checkpoint"), [
    ["Checkpoint ID", "Type", "Size", "Public", "Created", "Path"],
    ...rows,
  ]);
}

/** All of a run, or the user's up to the limit. */
async function checkpoints({ run, limit }: Words, { service }: Console) {
  if (run !== undefined) {
    const { checkpoints: items } = await service.rest().listCheckpoints(run);
    return { items, total: items.length };
  }
  const fetch = async (limit: number, offset: number) => {
    const { checkpoints: items, cursor } = await service.rest().listUserCheckpoints(limit, offset);
    return { items, total: Number(cursor?.total_count ?? items.length) };
  };
  return collect(fetch, limit, CHECKPOINTS_PAGE);
}

async function checkpointInfo({ words: [path = ""], asJson: json }: Words, console: Console): Promise<string> {
  const found = await find(path, console);
  if (json) return asJson(shown(Checkpoint, found, console.service.session.dialect));
  return asTable("", [
    ["Property", "Value"],
    ["Checkpoint ID", found.checkpoint_id],
    ["Type", found.checkpoint_type],
    ["Path", found.tinker_path],
    ["Size", size(found)],
    ["Public", yesNo(found.public)],
    ["Created", ago(found.time)],
  ]);
}

/** Among the checkpoints of its run. */
async function find(path: string, { service }: Console): Promise<Checkpoint> {
  const { run } = checkpointPath(path);
  const { checkpoints } = await service.rest().listCheckpoints(run);
  const found = checkpoints.find(({ tinker_path }) => tinker_path === path);
  if (found === undefined) throw new UsageError("not_found", `Checkpoint not found: ${path}`);
  return found;
}

async function checkpointPublish({ words: [path = ""] }: Words, { service }: Console): Promise<string> {
  checkpointPath(path);
  await service.rest().publishCheckpoint(path);
  return "";
}

async function checkpointUnpublish({ words: [path = ""] }: Words, { service }: Console): Promise<string> {
  checkpointPath(path);
  await service.rest().unpublishCheckpoint(path);
  return "";
}

async function checkpointDelete({ words: [path = ""], unasked }: Words, console: Console): Promise<string> {
  await find(path, console);
  const answer = unasked ? "y" : await console.ask(`Delete ${path} for good? [y/N] `);
  if (answer.trim().toLowerCase() !== "y") throw new UsageError("not_deleted", "nothing was deleted");
  await console.service.rest().deleteCheckpoint(path);
  return "";
}

function checkpointPath(text: string): TinkerPath {
  try {
    return parsePath(text);
  } catch {
    const form = "Checkpoint path must be in the format: tinker://run-id/weights/0001";
    throw new UsageError("bad_path", `Invalid checkpoint path: ${text}\n${form}`);
  }
}

function lora({ is_lora, lora_rank }: TrainingRun): string {
  return is_lora && lora_rank != null ? `Rank ${lora_rank}` : yesNo(is_lora);
}

function size({ size_bytes }: Checkpoint): string {
  return formatSize(size_bytes ?? null);
}

function ago(then: bigint): string {
  const text = timestamp.encode(then, V041);
  return formatTime(typeof text === "string" ? text : null, Date.now() / 1000);
}

function yesNo(yes: boolean | null | undefined): string {
  return yes ? "Yes" : "No";
}

function title(count: number, total: number, what: string): string {
  const hidden = total > count ? ` (${total - count} more not shown, use --limit to see more)` : "";
  return `${count} ${what}${count === 1 ? "" : "s"}${hidden}`;
}

export const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ["version", { words: 0, options: [], act: version }],
  ["run list", { words: 0, options: ["limit"], act: runList }],
  ["run info", { words: 1, options: [], act: runInfo }],
  ["checkpoint list", { words: 0, options: ["limit", "run-id"], act: checkpointList }],
  ["checkpoint info", { words: 1, options: [], act: checkpointInfo }],
  ["checkpoint publish", { words: 1, options: [], act: checkpointPublish }],
  ["checkpoint unpublish", { words: 1, options: [], act: checkpointUnpublish }],
  ["checkpoint delete", { words: 1, options: ["yes"], act: checkpointDelete }],
]);
