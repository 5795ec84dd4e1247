import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Journal, openJournal } from "../journal/journal.ts";
import { intentOf, SUMMARY } from "../journal/testing.ts";
import { serverLink } from "../server/link.ts";
import { checksWith, grantsIn, signedGrant, type TestClocks, testGrantKey } from "./testing.ts";
import { type GrantUpkeep, startUpkeep } from "./upkeep.ts";

const log = pino({ level: "silent" });

let folder: string;
let journal: Journal;
let server: Server;
let clocks: TestClocks;
let upkeep: GrantUpkeep;
/** What the server heard, in order. */
let heard: string[];
/** What it was told of the grants that came back. */
let returned: string[];
/** How it answers who asks for a grant; "lost": the answer never comes. */
let answers: (id: string) => object | "lost";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flashline-upkeep-"));
  journal = await openJournal(folder);
  clocks = { wall: Date.now(), uptime: 1_000, bootId: "boot" };
  heard = [];
  returned = [];
  answers = (id) => ({ grant: signedGrant({ change: { id } }), refusal: null });
  server = createServer((request, response) => {
    const [, , , , id = "", what = "ask"] = (request.url ?? "").split("/");
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      heard.push(`${what} ${id}`);
      if (what === "return") returned.push(body);
      if (what === "return") return response.writeHead(204).end();
      const answer = answers(id);
      if (answer === "lost") return response.destroy();
      response.writeHead(200, { "content-type": "application/json" });
      return response.end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  await upkeep.stop();
  await new Promise((resolve) => server.close(resolve));
  await journal.close();
  await rm(folder, { recursive: true, force: true });
});

/** A life of the agent whose server was reached a moment ago. */
async function started(told: () => string | null = testGrantKey) {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const link = serverLink({ baseUrl: `http://127.0.0.1:${port}` });
  const id = "019f0000-0000-7000-8000-000000000000";
  await link.call("returnGrant", { params: { id }, body: undefined });
  heard = [];
  const one = await grantsIn(folder, journal, clocks);
  const fetched: string[] = [];
  upkeep = startUpkeep({
    grants: one.grants,
    kept: one.kept,
    link,
    log,
    abilities: [],
    told,
    checks: checksWith(),
    reading: () => ({ ...clocks }),
    fetchImages(ready) {
      fetched.push(ready.grant.id);
      return Promise.resolve();
    },
  });
  return { ...one, fetched };
}
const held = (one: Awaited<ReturnType<typeof started>>) => one.grants.grant?.id;
const patience = { timeout: 20_000 };

test("a grant is asked for, its images are fetched, and the one of before goes back when the next one has come", async () => {
  const one = await started();
  upkeep.changed();
  await expect.poll(() => held(one), patience).toBeDefined();
  const first = held(one);
  expect(one.fetched).toEqual([first]);
  expect(heard).toEqual([`ask ${first}`]);
  upkeep.changed();
  await expect.poll(() => heard.length, patience).toBe(3);
  expect(heard.slice(1)).toEqual([`ask ${held(one)}`, `return ${first}`]);
  await expect.poll(() => one.kept.now.returning).toEqual([]);
}, 30_000);

test("where the answer was lost the same grant is asked for, also by the next life, and its time counts from the first asking", async () => {
  answers = () => "lost";
  await started();
  upkeep.changed();
  await expect.poll(() => heard.length, patience).toBe(1);
  const [first = ""] = heard;
  await upkeep.stop();
  clocks.wall += 7 * 3_600_000;
  clocks.uptime += 7 * 3_600_000;
  const from = Date.now();
  answers = (id) => ({ grant: signedGrant({ from, change: { id } }), refusal: null });
  const second = await started();
  upkeep.changed();
  await expect.poll(() => held(second), patience).toBe(first.slice("ask ".length));
  expect(second.grants.age).toBeCloseTo(7 / 8, 3);
});

test("a refusal withdraws what the station has, and it goes back only once the server has its results", async () => {
  const one = await started();
  upkeep.changed();
  await expect.poll(() => held(one), patience).toBeDefined();
  const id = held(one);
  const place = await one.grants.take(
    intentOf("019f0000-0000-7000-8000-0000000000c1").jobId,
    "MC2-000001",
    "1",
  );
  const attempt = "019f0000-0000-7000-8000-0000000000c2";
  await journal.intent({ ...intentOf(attempt), grant: place.use() });
  await journal.result(attempt, "{}", SUMMARY);
  place.ended();
  answers = () => ({ grant: null, refusal: { code: "release.revoked", message: "revoked" } });
  upkeep.changed();
  await expect.poll(() => held(one), patience).toBeUndefined();
  expect(one.kept.now.returning).toEqual([id]);
  expect(heard.some((said) => said.startsWith("return"))).toBe(false);
  await journal.settled(attempt, "accepted");
  upkeep.delivered();
  await expect.poll(() => heard.at(-1), patience).toBe(`return ${id}`);
}, 30_000);

test("a grant that comes back tells which places units had: a result that was refused may lie here, and its unit has the place's number", async () => {
  const one = await started();
  upkeep.changed();
  await expect.poll(() => held(one), patience).toBeDefined();
  const id = held(one);
  const taking = (last: string, nest: string) =>
    one.grants.take(`019f0000-0000-7000-8000-0000000000${last}`, "MC2-000001", nest);
  const [untouched, place] = [await taking("c1", "1"), await taking("c3", "2")];
  const attempt = "019f0000-0000-7000-8000-0000000000c4";
  await journal.intent({ ...intentOf(attempt), grant: place.use() });
  await journal.result(attempt, "{}", SUMMARY);
  place.ended();
  await untouched.free();
  await journal.settled(attempt, "refused", "result.attempt_unknown");
  upkeep.changed();
  await expect.poll(() => heard.at(-1), patience).toBe(`return ${id}`);
  expect(returned.at(-1)).toBe('{"taken":[2]}');
  await expect.poll(() => one.kept.now).toMatchObject({ returning: [], taken: {} });
}, 30_000);

test("a plant that gives none has all back, and a grant that cannot be used is not kept", async () => {
  let told: string | null = testGrantKey();
  const one = await started(() => told);
  answers = (id) => ({
    grant: { ...signedGrant({ change: { id } }), signature: signedGrant().signature },
    refusal: null,
  });
  upkeep.changed();
  await expect.poll(() => heard.length, patience).toBe(2);
  expect(heard[1]).toBe(heard[0]?.replace("ask", "return"));
  expect(held(one)).toBeUndefined();
  answers = (id) => ({ grant: signedGrant({ change: { id } }), refusal: null });
  upkeep.changed();
  await expect.poll(() => held(one), patience).toBeDefined();
  const id = held(one);
  told = null;
  upkeep.changed();
  await expect.poll(() => heard.at(-1), patience).toBe(`return ${id}`);
  expect(held(one)).toBeUndefined();
}, 40_000);
