import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, it } from "vitest";
import { saveIdentity } from "../station/identity.ts";

const BIN = fileURLToPath(new URL("../../bin/flashline-agent.js", import.meta.url));
const ATTEMPT = "019f0000-0000-7000-8000-000000000001";
/** A process starts within seconds; on a busy machine within many. Milliseconds. */
const PATIENCE_MS = 60_000;

let folder: string;
let server: Server;
let agent: ChildProcess;
let url: string;
let received: string[];
let environment: Record<string, string | undefined>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "flashline-resend-"));
  received = [];
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      const isResult = request.method === "PUT" && request.url?.includes(ATTEMPT) === true;
      if (isResult) received.push(body);
      response.writeHead(isResult ? 201 : 503, { "content-type": "application/json" });
      response.end(JSON.stringify({ late: false, jobState: "PASSED" }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  await saveIdentity(folder, {
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stationId: "019f0000-0000-7000-8000-000000000002",
    station: "L3-01",
    hardware: [],
    machine: "m",
    credential: "c".repeat(43),
  });
  mkdirSync(join(folder, "aside"));
  writeFileSync(join(folder, "aside", `${ATTEMPT}.json`), '{"refusal": {}, "body": "as it was"}');
  const { PATH, HOME } = process.env;
  environment = { PATH, HOME, FLASHLINE_DATA: folder };
  agent = spawn(process.execPath, [BIN, "run", "--usbip", "127.0.0.1:9"], {
    env: { ...environment, FLASHLINE_PORT: "0" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  url = await new Promise<string>((resolve, reject) => {
    let said = "";
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
      const found = /http:\/\/127\.0\.0\.1:\d+(?=[^\n]*station page)/.exec(said);
      if (found !== null) resolve(found[0]);
    };
    agent.stdout?.on("data", hear);
    agent.stderr?.on("data", hear);
    agent.once("exit", () => reject(new TypeError(said)));
  });
}, PATIENCE_MS);
afterEach(async () => {
  if (agent.exitCode === null) {
    const gone = once(agent, "exit");
    agent.kill();
    await gone;
  }
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

const resendAt = (port: string) =>
  promisify(execFile)(process.execPath, [BIN, "resend"], {
    env: { ...environment, FLASHLINE_PORT: port },
  });

it(
  "works through the agent that runs, and says where to look when that does not answer",
  async () => {
    const wrong = resendAt("9");
    await expect(wrong).rejects.toMatchObject({
      stderr: expect.stringContaining("Set FLASHLINE_PORT as it has it."),
    });
    expect(readdirSync(join(folder, "aside"))).toEqual([`${ATTEMPT}.json`]);
    expect(received).toEqual([]);

    const { stdout } = await resendAt(new URL(url).port);
    expect(stdout).toContain("1 result is sent again now.");
    await expect.poll(() => readdirSync(join(folder, "aside"))).toEqual([]);
    expect(received).toEqual(["as it was"]);
    expect((await resendAt(new URL(url).port)).stdout).toContain("No result is set aside here.");
  },
  PATIENCE_MS,
);
