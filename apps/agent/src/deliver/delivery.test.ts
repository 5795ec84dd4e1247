import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RefusedError } from "@flashline/contract";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Journal, openJournal } from "../journal/journal.ts";
import { serverLink } from "../server/link.ts";
import { createCounters } from "../station/counters.ts";
import { type Aside, openAside } from "./aside.ts";
import { backoffMs } from "./backoff.ts";
import { startDelivery } from "./delivery.ts";
import { resendAside } from "./resend.ts";
import { type Delivery, notTaken } from "./rounds.ts";

const ID = (n: number) => `019f0000-0000-7000-8000-00000000000${n}`;
const taken = (late = false) => ({ late, jobState: "PASSED" });
const refused = (code: string) => ({ code, blame: "system", message: code, action: "" });

/** Answers over a real socket; what is tested is what the agent makes of them. */
describe("delivery", () => {
  let folder: string;
  let journal: Journal;
  let server: Server;
  let delivery: Delivery | undefined;
  let aside: Aside;
  let received: string[];
  let answer: (attemptId: string) => readonly [number, unknown, Readonly<Record<string, string>>?];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "flashline-delivery-"));
    journal = await openJournal(folder);
    aside = await openAside(join(folder, "aside"));
    received = [];
    answer = () => [201, taken()];
    server = createServer((request, response) => {
      const attemptId = request.url?.split("/")[4] ?? "";
      let body = "";
      request.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on("end", () => {
        received.push(`${attemptId.slice(-1)} ${body}`);
        const [status, content, headers] = answer(attemptId);
        response.writeHead(status, { "content-type": "application/json", ...headers });
        response.end(JSON.stringify(content));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(async () => {
    await delivery?.stop();
    await new Promise((resolve) => server.close(resolve));
    await journal.close();
    await rm(folder, { recursive: true });
  });

  const add = (n: number, serial: string) =>
    journal.result(ID(n), `{"n": ${n}}`, { serial, nest: "1", outcome: "PASS", durationMs: 1 });

  function start(): Promise<string[]> {
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const settled: string[] = [];
    return new Promise((resolve) => {
      delivery = startDelivery({
        journal,
        link: serverLink({ baseUrl: `http://127.0.0.1:${port}` }),
        log: pino({ level: "silent" }),
        aside,
        random: () => 0,
        onSettled({ attemptId }, refused) {
          settled.push(`${attemptId.slice(-1)}${refused ? " aside" : ""}`);
          if (journal.undelivered().length === 0) resolve(settled);
        },
      });
    });
  }

  it("brings a golden check's result where golden checks are, and counts it for no day", async () => {
    const paths: string[] = [];
    server.prependListener("request", ({ url }: { url?: string }) => paths.push(url ?? ""));
    answer = () => [201, { state: "passed" }];
    const summary = { serial: "GOLD-1", nest: "1", outcome: "PASS", durationMs: 1 } as const;
    await journal.result(ID(1), "{}", { ...summary, golden: true });
    expect(await start()).toEqual(["1"]);
    expect(paths).toEqual([`/v1/agent/golden-checks/${ID(1)}/result`]);
    expect(createCounters(journal, () => "UTC")()).toEqual({
      today: { passed: 0, failed: 0 },
      last: [],
    });
  });

  it("sends the exact bytes, in order for each unit", async () => {
    await add(1, "A");
    await add(2, "B");
    await add(3, "A");
    expect(await start()).toEqual(["1", "2", "3"]);
    expect(received).toEqual(['1 {"n": 1}', '2 {"n": 2}', '3 {"n": 3}']);
  });

  it("takes 200 and a late 202 for delivered", async () => {
    await add(1, "A");
    await add(2, "B");
    answer = (attemptId) => (attemptId === ID(1) ? [200, taken()] : [202, taken(true)]);
    await start();
    expect(journal.get(ID(1))?.settled).toBe("accepted");
    expect(journal.get(ID(2))?.settled).toBe("late");
  });

  it("keeps aside what the server refuses for good, and goes on", async () => {
    await add(1, "A");
    await add(2, "A");
    answer = (id) => (id === ID(1) ? [409, refused("result.conflict")] : [201, taken()]);
    expect(await start()).toEqual(["1 aside", "2"]);
    const [name = ""] = await readdir(join(folder, "aside"));
    const kept = JSON.parse(await readFile(join(folder, "aside", name), "utf8"));
    expect(kept).toMatchObject({ refusal: { code: "result.conflict" }, body: '{"n": 1}' });
  });

  it("sends again what was set aside, also after a restart, and forgets it once the server has it", async () => {
    await add(1, "A");
    answer = () => [409, refused("result.conflict")];
    expect(await start()).toEqual(["1 aside"]);
    await delivery?.stop();
    // The journal is compacted, as at every start of the agent: the file is all that is left of the body.
    await journal.close();
    journal = await openJournal(folder);
    aside = await openAside(join(folder, "aside"));
    expect(aside.count).toBe(1);
    await writeFile(join(folder, "aside", "other.json"), "{}");
    // As an earlier agent kept it, of a result that says nothing of itself.
    await writeFile(join(folder, "aside", `${ID(2)}.json`), '{"refusal": {}, "body": "no JSON"}');
    const before = journal.finished();
    expect(await resendAside(aside, journal)).toEqual({ count: 2, unreadable: ["other.json"] });
    expect(await resendAside(aside, journal)).toMatchObject({ count: 2 });
    expect(journal.undelivered()).toHaveLength(2);
    expect(createCounters(journal, () => "UTC")().today).toEqual({
      passed: 1,
      failed: 0,
    });
    // Refused again: it is where it was.
    expect(await start()).toEqual(["1 aside", "2 aside"]);
    await delivery?.stop();
    await resendAside(aside, journal);
    answer = () => [201, taken()];
    expect(await start()).toEqual(["1", "2"]);
    const sent = ['1 {"n": 1}', "2 no JSON"];
    expect(received).toEqual(['1 {"n": 1}', ...sent, ...sent]);
    await expect.poll(() => aside.count).toBe(0);
    expect(await readdir(join(folder, "aside"))).toEqual(["other.json"]);
    // The day's counters count it once, at its own time.
    expect(journal.finished()).toHaveLength(2);
    expect(journal.finished()[0]?.endedAt).toBe(before[0]?.endedAt);
  });

  it.each([
    [503, refused("server.unavailable")],
    [500, refused("server.internal")],
    [401, refused("auth.revoked")],
    [429, refused("request.rate_limited")],
    [404, { error: "a proxy that knows nothing" }],
    [404, refused("request.not_found")],
    [400, refused("request.garbled")],
    [408, refused("request.timeout")],
    [413, "<html>a proxy that takes no more</html>"],
    [200, "<html>a page for guests</html>"],
  ])("tries again after %i %j, and holds the unit's next result back", async (status, content) => {
    await add(1, "A");
    await add(2, "A");
    let first = true;
    answer = () => {
      const refuse = first;
      first = false;
      return refuse ? [status, content] : [201, taken()];
    };
    expect(await start()).toEqual(["1", "2"]);
    expect(received).toEqual(['1 {"n": 1}', '1 {"n": 1}', '2 {"n": 2}']);
  });

  it("leaves a server alone for as long as it says, whatever happens meanwhile, and then brings everything", async () => {
    for (const [n, serial] of [
      [1, "A"],
      [2, "B"],
      [3, "C"],
    ] as const) {
      await add(n, serial);
    }
    let since = 0;
    answer = () => {
      if (since > 0) return [201, taken()];
      since = performance.now();
      return [429, refused("request.rate_limited"), { "retry-after": "2" }];
    };
    const done = start();
    await expect.poll(() => received.length).toBe(1);
    await add(4, "D");
    delivery?.wake();
    const settled = await done;
    expect(performance.now() - since).toBeGreaterThan(1_900);
    expect(settled).toEqual(["1", "2", "3", "4"]);
    expect(received.map((one) => one[0])).toEqual(["1", "1", "2", "3", "4"]);
  });
});

it("never waits longer than a minute for a server that has too much to do", () => {
  const told = (retryAfterS?: number, status = 429) =>
    notTaken(new RefusedError(status, refused("request.rate_limited"), retryAfterS));
  expect([told(7), told(86_400), told(), told(7, 503)]).toEqual([
    { pauseMs: 7_000 },
    { pauseMs: 60_000 },
    "away",
    "away",
  ]);
});

it("backs off to a minute, never in step", () => {
  expect([1, 2, 3, 20].map((attempt) => backoffMs(attempt, () => 1))).toEqual([
    1000, 2000, 4000, 60_000,
  ]);
  expect(backoffMs(1, () => 0)).toBe(500);
});
