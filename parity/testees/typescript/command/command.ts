// The client at the command line: `tinker [-f table|json] run list`. Source: tinker.md section 3.11.
import { parseArgs } from "node:util";
import { ConnectionFailed, StatusError, TimedOut, TinkerError, UsageError } from "../client/errors.ts";
import type { ServiceClient } from "../client/service.ts";
import { ACTIONS, type Words } from "./actions.ts";

export const GOOD = 0;
export const FAILED = 1;
export const MISUSE = 2;

const HELP = `tinker [-f table|json] COMMAND
  version
  run list [--limit N]             0: all of them
  run info RUN
  checkpoint list [--run-id RUN] [--limit N]
  checkpoint info|publish|unpublish PATH
  checkpoint delete PATH [-y]
Example: tinker -f json checkpoint list --limit 5
`;

/** Where a command reads and writes, and the client by which it asks. */
export interface Console {
  readonly service: ServiceClient;
  /** A line of the answer to a question. */
  ask(question: string): Promise<string>;
  out(text: string): void;
  err(text: string): void;
}

/** A command that there is not, or not so. */
class Misused extends Error {}

/** Does one command and gives its exit code. What a failed command says goes to `err` only. */
export async function run(args: readonly string[], console: Console): Promise<number> {
  try {
    const words = parse(args);
    if (words === undefined) console.out(HELP);
    else console.out(await (ACTIONS.get(words.name)?.act(words, console) ?? ""));
    return GOOD;
  } catch (error) {
    if (error instanceof Misused) {
      console.err(`Error: ${error.message}\n${HELP}`);
      return MISUSE;
    }
    console.err(`Error: ${explain(error)}\n`);
    return FAILED;
  }
}

/** Undefined: help is wanted. Throws Misused. */
function parse(args: readonly string[]): (Words & { name: string }) | undefined {
  const { values, positionals } = parsed(args);
  if (values.help) return undefined;
  const { format = "table", limit = "20" } = values;
  if (format !== "table" && format !== "json") throw new Misused(`there is no format ${format}`);
  if (!/^\d+$/.test(limit)) throw new Misused(`--limit takes a number, got ${limit}`);
  const name = positionals.slice(0, positionals[0] === "version" ? 1 : 2).join(" ");
  const action = ACTIONS.get(name);
  if (action === undefined) throw new Misused(`there is no command ${positionals.join(" ")}`);
  for (const option of Object.keys(values)) {
    if (option !== "format" && !action.options.includes(option)) throw new Misused(`${name} has no option --${option}`);
  }
  const words = positionals.slice(name.split(" ").length);
  if (words.length !== action.words) throw new Misused(`${name} takes ${action.words} words, got ${words.length}`);
  return { name, words, asJson: format === "json", limit: Number(limit), run: values["run-id"], unasked: values.yes ?? false };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        format: { type: "string", short: "f" },
        limit: { type: "string" },
        "run-id": { type: "string" },
        yes: { type: "boolean", short: "y" },
        help: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new Misused(error instanceof Error ? error.message : String(error));
  }
}

const SAYINGS: Readonly<Record<number, string>> = {
  400: "Invalid request",
  401: "Authentication failed",
  403: "Permission denied",
  404: "Resource not found",
  408: "Request timeout",
  422: "Invalid data provided",
  429: "Rate limit exceeded",
};

/** An error in words, and what the service said behind it. */
function explain(error: unknown): string {
  if (error instanceof StatusError) {
    const known = error.status >= 500 ? "Internal server error" : SAYINGS[error.status];
    return `${known ?? `API error (status ${error.status})`}\nDetails: ${error.message}`;
  }
  if (error instanceof TimedOut) return `Request timeout\nDetails: ${error.message}`;
  if (error instanceof ConnectionFailed) return `Connection failed\nDetails: ${error.message}`;
  if (error instanceof TinkerError || error instanceof UsageError) return error.message;
  throw error;
}
