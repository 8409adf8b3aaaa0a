#!/usr/bin/env node
// The client at the command line.
import { createInterface } from "node:readline/promises";
import { UsageError } from "../client/errors.ts";
import { ServiceClient } from "../client/service.ts";
import { FAILED, run } from "./command.ts";

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}

try {
  const service = new ServiceClient();
  const out = (text: string) => void process.stdout.write(text);
  const err = (text: string) => void process.stderr.write(text);
  process.exitCode = await run(process.argv.slice(2), { service, ask, out, err });
  service.close();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`Error: ${error.message}\n`);
  process.exitCode = FAILED;
}
