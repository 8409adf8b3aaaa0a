import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { V041 } from "../client/dialect.ts";
import { ServiceClient } from "../client/service.ts";
import { FAILED, GOOD, MISUSE, run } from "./command.ts";

const RUN = {
  training_run_id: "r",
  base_model: "b",
  model_owner: "o",
  is_lora: true,
  lora_rank: 8,
  last_request_time: "2026-01-01T00:00:00Z",
};
const KEPT = {
  checkpoint_id: "weights/a",
  checkpoint_type: "training",
  time: "2026-01-01T00:00:00Z",
  tinker_path: "tinker://r/weights/a",
  size_bytes: 2048,
};
const ANSWERS: Readonly<Record<string, unknown>> = {
  "GET /api/v1/training_runs": { training_runs: [RUN], cursor: { offset: 0, limit: 1, total_count: 3 } },
  "GET /api/v1/training_runs/r": RUN,
  "GET /api/v1/training_runs/r/checkpoints": { checkpoints: [KEPT] },
  "DELETE /api/v1/training_runs/r/checkpoints/weights/a": {},
};

const asked: string[] = [];
const server = createServer((request, response) => {
  const line = `${request.method} ${request.url?.replace(/\?.*/, "")}`;
  asked.push(line);
  const answer = ANSWERS[line];
  response.writeHead(answer === undefined ? 404 : 200).end(JSON.stringify(answer ?? { detail: "none" }));
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const service = new ServiceClient({ dialect: V041, baseUrl, apiKey: "k" }, { env: {} });
after(() => (service.close(), server.closeAllConnections(), server.close()));

async function does(line: string, answer = "") {
  let [out, err] = ["", ""];
  const console = {
    service,
    ask: () => Promise.resolve(answer),
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
  };
  return { code: await run(line.split(" "), console), out, err };
}

test("what commands say, and how they end", async () => {
  const table: [string, number, string, string][] = [
    ["version", GOOD, "tinker 0.4.1\n", ""],
    ["run list --limit 1", GOOD, "1 training run (2 more not shown, use --limit to see more)\nRun ID", ""],
    ["-f json run info r", GOOD, '"training_run_id": "r"', ""],
    ["run info r", GOOD, "Rank 8", ""],
    ["run info none", FAILED, "", "Error: Resource not found\nDetails: Error code: 404"],
    ["checkpoint info tinker://r/weights/a", GOOD, "2.0 KB", ""],
    ["checkpoint info tinker://r/weights/b", FAILED, "", "Error: Checkpoint not found: tinker://r/weights/b"],
    ["checkpoint publish bad", FAILED, "", "Error: Invalid checkpoint path: bad"],
    ["run dance", MISUSE, "", "there is no command"],
    ["run list --limit many", MISUSE, "", "takes a number"],
    ["run info r --limit 3", MISUSE, "", "no option"],
    ["--help", GOOD, "Example:", ""],
  ];
  for (const [line, code, out, err] of table) {
    const got = await does(line);
    assert.equal(got.code, code, `${line}: ${got.err}`);
    assert.ok(got.out.includes(out) && got.err.includes(err), `${line}: ${got.out}${got.err}`);
    assert.equal(got.out === "", code !== GOOD, line);
  }
});

test("delete asks first", async () => {
  for (const [answer, deleted] of [["y", true], ["n", false], ["", false]] as const) {
    asked.length = 0;
    assert.equal((await does("checkpoint delete tinker://r/weights/a", answer)).code, deleted ? GOOD : FAILED);
    assert.equal(asked.some((line) => line.startsWith("DELETE")), deleted);
  }
  assert.equal((await does("checkpoint delete tinker://r/weights/a -y")).code, GOOD);
});
