import { describeTrial, type LeasedJob } from "@flashline/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { newId } from "../ids.ts";
import { fingerprint, LINK_FAILURE, lineOf, resultOf } from "../jobs/testing.ts";
import { eventsOf } from "../testing/events.ts";
import type { SeededStation } from "../testing/seed.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";
import { standAfter } from "./decide.ts";
import type { Shown } from "./trial.repository.ts";

let server: TestServer;
let engineer: TestClient;
let bad: SeededStation;
let good: readonly SeededStation[];

beforeAll(async () => {
  server = await startTestServer();
  engineer = await server.person("engineer");
  bad = await server.addStation("L3-07", 1);
  good = [await server.addStation("L3-08", 1), await server.addStation("L3-09", 1)];
});
afterAll(() => server.close());

const LOST = {
  linkIncident: true,
  incidents: [{ code: "link.timeout", phase: "write", atMs: 12, detail: "no answer" }],
};
let made = 7000;
const nextSerial = (): string => {
  made += 1;
  return `SN${made}`;
};

const shown = async () => {
  const { body } = await engineer("hosts", {});
  return body.hosts.find(({ name }) => name === "L3-07") ?? expect.fail("no such host");
};
const pacing = async () =>
  (await engineer("hostPacing", { params: { id: (await shown()).id } })).body;

interface Started {
  readonly job: LeasedJob;
  readonly attemptId: string;
  readonly profile: string | undefined;
  readonly again: () => Promise<string | undefined>;
}

/** Starts a unit as an agent does that is able to take a profile, or as one that is not. */
async function start(station: SeededStation, abilities?: string[]): Promise<Started> {
  const line = lineOf(server, station);
  const job = await line.lease(nextSerial());
  const attemptId = newId();
  const ask = async () => {
    const host = fingerprint(station, job.nest);
    const body = { epoch: job.epoch, attemptId, host, virtual: false, abilities };
    return (await line.call("start", { params: { id: job.jobId }, body })).body.profile;
  };
  return { job, attemptId, profile: await ask(), again: ask };
}

async function report(
  station: SeededStation,
  { job, attemptId, profile }: Started,
  change: Readonly<Record<string, unknown>>,
): Promise<void> {
  const attempt = { job, attemptId, host: fingerprint(station, job.nest) };
  const body = resultOf(attempt, { startProfile: profile ?? "standard", ...change });
  await lineOf(server, station).report(attempt, body);
}

const ABLE = ["given-profile"];

it("tries gentle pacing at a host in doubt, in pairs, and at no other", async () => {
  const fresh = await start(bad, ABLE);
  expect(fresh.profile).toBeUndefined();
  await report(bad, fresh, {});
  for (let round = 0; round < 10; round += 1)
    await Promise.all(
      [bad, ...good].map((station) =>
        lineOf(server, station).flash(nextSerial(), station === bad ? LOST : {}),
      ),
    );
  await expect
    .poll(async () => (await shown()).verdict, { timeout: 10_000 })
    .toMatch(/WATCH|SUSPECT/);

  const old = await start(bad);
  expect(old.profile).toBeUndefined();
  await report(bad, old, {});
  const healthy = await start(good[0] ?? bad, ABLE);
  expect(healthy.profile).toBeUndefined();
  await report(good[0] ?? bad, healthy, {});

  const first = await start(bad, ABLE);
  // A lost answer is asked for again.
  expect(await first.again()).toBe(first.profile);
  await report(bad, first, { durationMs: 10_000 });
  const second = await start(bad, ABLE);
  await report(bad, second, { durationMs: 10_000 });
  expect([first.profile, second.profile].toSorted()).toEqual(["gentle", "standard"]);
  await expect
    .poll(async () => (await pacing()).trials[0]?.figures.pairs, { timeout: 15_000 })
    .toBe(1);
});

it("lets gentle win where it keeps the link, says so once, and keeps one of twenty on standard", async () => {
  for (let unit = 0; unit < 26; unit += 1) {
    const started = await start(bad, ABLE);
    const isLost = started.profile === "standard";
    await report(
      bad,
      started,
      isLost ? { ...LINK_FAILURE, durationMs: 40_000 } : { durationMs: 12_000 },
    );
  }
  await expect
    .poll(async () => (await pacing()).trials[0]?.state, { timeout: 15_000 })
    .toBe("gentle");
  const [trial = expect.fail("no trial")] = (await pacing()).trials;
  expect(trial).toMatchObject({ controller: "8086:a36d", hub: "", family: "F4", virtual: false });
  expect(trial.figures.pairs).toBeGreaterThanOrEqual(12);
  expect(describeTrial(trial)).toMatch(/^gentle wins by \d+ s a unit; 5 %/);

  // It may have won before the last of those units was started.
  const before = await server.platform.db.sql.query<{ profile: string }>(
    "SELECT profile FROM pacing_turn WHERE state = 'gentle'",
  );
  const profiles: (string | undefined)[] = before.map(({ profile }) => profile);
  for (let unit = profiles.length; unit < 20; unit += 1) {
    const started = await start(bad, ABLE);
    profiles.push(started.profile);
    await report(bad, started, {});
  }
  expect(profiles.filter((profile) => profile === "standard")).toHaveLength(1);
  expect(profiles.filter((profile) => profile === "gentle")).toHaveLength(19);

  const decided = await eventsOf(server.platform.db.sql, "pacing.decided");
  expect(decided).toHaveLength(1);
  expect(decided[0]).toMatchObject({ before: { state: "running" }, after: { state: "gentle" } });
  expect(await eventsOf(server.platform.db.sql, "pacing.begun")).toHaveLength(1);
});

it("starts with what an engineer has set, and with trials again when that is taken back", async () => {
  const id = (await shown()).id;
  const params = { id };
  const query = { profile: "standard" } as const;
  const preview = (await engineer("previewHostProfile", { params, query })).body;
  expect(preview).toMatchObject({ name: "L3-07", before: null, after: "standard" });
  expect(preview.extra).toBeGreaterThan(0);
  expect((await pacing()).profile).toBeNull();

  const reason = "audit of the line";
  await engineer("setHostProfile", { params, body: { profile: "standard", reason } });
  const pinned = await start(bad, ABLE);
  expect(pinned.profile).toBe("standard");
  await report(bad, pinned, {});
  await engineer("setHostProfile", { params, body: { profile: "standard", reason } });
  await engineer("setHostProfile", { params, body: { profile: null, reason } });
  const free = await start(bad, ABLE);
  await report(bad, free, {});
  // It counts in the trial again: one of a new block of twenty.
  await expect
    .poll(
      async () => {
        const since = (await pacing()).trials[0]?.since;
        return (since?.standard.units ?? 0) + (since?.gentle.units ?? 0);
      },
      { timeout: 15_000 },
    )
    .toBe(21);
  expect(await eventsOf(server.platform.db.sql, "host.paced")).toHaveLength(2);
});

it("begins anew when an engineer says so", async () => {
  const id = (await pacing()).trials[0]?.id ?? "";
  const { body } = await engineer("restartPacingTrial", {
    params: { id },
    body: { reason: "new firmware of the hub" },
  });
  expect(body).toMatchObject({
    state: "running",
    figures: { pairs: 0 },
    since: null,
    decidedAt: null,
  });
  const started = await start(bad, ABLE);
  expect(["standard", "gentle"]).toContain(started.profile);
  await report(bad, started, {});
});

it("gives gentle up when standard is as good again", () => {
  const block = (at: number): Shown[] =>
    Array.from({ length: 20 }, (_, place) => ({
      releaseId: "r",
      place: at * 20 + place,
      failed: false,
      seconds: 10,
      profile: place === 7 ? ("standard" as const) : ("gentle" as const),
      incident: place === 3,
    }));
  const blocks = Array.from({ length: 40 }, (_, at) => block(at)).flat();
  const figures = {
    pairs: 20,
    e: 40,
    f: 0.1,
    extra: 2,
    cost: 40,
    pays: 0.95,
    standard: { units: 20, incidents: 9 },
    gentle: { units: 20, incidents: 0 },
  };
  const before = { state: "gentle", figures, since: null } as const;
  expect(standAfter(before, blocks.slice(0, 20)).state).toBe("gentle");
  // What is not complete yet says nothing.
  expect(
    standAfter(
      before,
      blocks.filter(({ place }) => place % 20 !== 0),
    ).state,
  ).toBe("gentle");
  const after = standAfter(before, blocks);
  expect(after.state).toBe("standard");
  expect(after.since?.gentle).toEqual({ units: 760, incidents: 40 });
});
