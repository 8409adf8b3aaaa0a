// Answers the parity runner: frames on stdin and stdout, as proto/samewire/parity/v1/testee.proto has them.
import { DIALECTS } from "../client/dialect.ts";
import { UsageError } from "../client/errors.ts";
import { isObject } from "../wire/codec.ts";
import { parse, stringify, WireError, type Json } from "../wire/json.ts";
import { CALLS } from "./calls.ts";
import { readFrames, writeFrame } from "./frames.ts";
import { json } from "./reading.ts";
import { Unsupported } from "./unsupported.ts";

const WINDOW = 8;

const hello = {
  name: "typescript",
  title: `TypeScript on Node ${process.versions.node}, fetch`,
  language: "typescript",
  dialects: DIALECTS.map(({ name }) => name),
  calls: [...CALLS.keys()].sort(),
  window: WINDOW,
};

type Outcome = { [key: string]: Json };

/** The outcome of a request, whatever happens. */
async function answer(call: Json | undefined, dialect: Json | undefined, input: Json): Promise<Outcome> {
  const made = typeof call === "string" ? CALLS.get(call) : undefined;
  const spoken = DIALECTS.find(({ name }) => name === dialect);
  if (made === undefined || spoken === undefined) return { unsupported: `there is no ${String(call)} in ${String(dialect)}` };
  try {
    return { result: json(await made(input, spoken)) };
  } catch (error) {
    if (error instanceof Unsupported) return { unsupported: error.message };
    if (error instanceof WireError) return { rejected: { reason: error.reason, kind: "invalid", path: error.path } };
    if (error instanceof UsageError) return { rejected: { reason: error.message, kind: error.kind } };
    return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

async function serve(): Promise<void> {
  writeFrame(process.stdout, JSON.stringify(hello));
  const running = new Set<Promise<void>>();
  for await (const frame of readFrames(process.stdin)) {
    const asked = parse(frame);
    if (!isObject(asked)) throw new Error("a request is an object");
    const { id = null, call, dialect, input = null } = asked;
    const task = answer(call, dialect, input).then((outcome) => {
      writeFrame(process.stdout, stringify({ id, ...outcome }));
      running.delete(task);
    });
    running.add(task);
  }
  await Promise.all(running);
}

await serve();
