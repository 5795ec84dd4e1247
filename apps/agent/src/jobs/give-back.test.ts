import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FlashlineError } from "@flashline/contract";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Journal, openJournal } from "../journal/journal.ts";
import { intentOf } from "../journal/testing.ts";
import { serverLink } from "../server/link.ts";
import { giveBack } from "./give-back.ts";
import { holdLease } from "./lease.ts";

const JOB = "019f0000-0000-7000-8000-000000000001";
const log = pino({ level: "silent" });

let folder: string;
let journal: Journal;
let server: Server;
/** Answers in turn, the last one for ever: status and body. */
let answers: (readonly [number, unknown])[];
let asked: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flashline-give-back-"));
  journal = await openJournal(folder);
  asked = 0;
  server = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      const [status, content] = answers[Math.min(asked, answers.length - 1)] ?? [500, ""];
      asked += 1;
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(content));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await journal.close();
  await rm(folder, { recursive: true });
});

function link() {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return serverLink({ baseUrl: `http://127.0.0.1:${port}` });
}
const refused = (code: string) => ({ code, blame: "system", message: code, action: "" });

/** What the network, or something between agent and server, answers with. */
const BETWEEN = [
  [404, "<html>a proxy that knows nothing</html>"],
  [400, refused("request.garbled")],
  [408, refused("request.timeout")],
  [429, refused("request.rate_limited")],
] as const;

it.each(BETWEEN)("a job is not given back by %i %j, which is no answer to it", async (...first) => {
  answers = [first, [200, { jobId: JOB, state: "CANCELLED" }]];
  const { signal } = new AbortController();
  const reason = { code: "device.none", detail: "", action: null };
  await giveBack({ jobId: JOB, epoch: 1 }, reason, { link: link(), journal, log, signal });
  expect(asked).toBe(2);
});

it("a job that has moved on is given back once", async () => {
  answers = [[409, refused("job.state")]];
  const { signal } = new AbortController();
  const reason = { code: "device.none", detail: "", action: null };
  await giveBack({ jobId: JOB, epoch: 1 }, reason, { link: link(), journal, log, signal });
  expect(asked).toBe(1);
});

it("a full disk does not end the agent while units are in work: what was given back is settled once there is room", async () => {
  answers = [[409, refused("job.state")]];
  await journal.intent(intentOf(JOB));
  const { signal } = new AbortController();
  const reason = { code: "device.none", detail: "", action: null };
  let isFull = true;
  const onFullDisk: Journal = {
    ...journal,
    settled: (...entry) =>
      isFull ? Promise.reject(new FlashlineError("agent.journal")) : journal.settled(...entry),
  };
  await giveBack({ jobId: JOB, epoch: 1, attemptId: JOB }, reason, {
    link: link(),
    journal: onFullDisk,
    log,
    signal,
    onGivenBack() {
      setTimeout(() => {
        isFull = false;
      }, 100);
    },
  });
  expect([asked, journal.open(), journal.get(JOB)?.settled]).toEqual([1, [], "cancelled"]);
});

it("a lease outlives what is no answer to it, and ends when the server says so", async () => {
  answers = [...BETWEEN, [409, refused("job.state")]];
  const lease = holdLease({ link: link(), jobId: JOB, epoch: 1, leaseMs: 300, log });
  await new Promise((resolve) => lease.signal.addEventListener("abort", resolve, { once: true }));
  // An answer that takes a third of the lease is lost, and asked for again.
  expect(asked).toBeGreaterThan(BETWEEN.length);
  await lease.release();
});
