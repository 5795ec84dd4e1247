import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { CallInput, LedgerEvent } from "@flashline/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lineOf } from "../jobs/testing.ts";
import { provedAs } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { peopleOn } from "../people/feature.ts";
import { BY } from "../testing/events.ts";
import { refusal } from "../testing/refusal.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";
import { canonicalJson } from "./canonical.ts";
import { eraseName } from "./erase.ts";
import { listKinds } from "./kinds.ts";
import { sealerRepository } from "./sealer.repository.ts";
import { verifyRepository } from "./verify.repository.ts";
import { verifyLedger } from "./verify.ts";

let server: TestServer;
let auditor: TestClient;
beforeAll(async () => {
  server = await startTestServer();
  auditor = await server.token("feed:read");
});
afterAll(() => server.close());

/** Everything there is, in pages of three. */
async function all(): Promise<readonly LedgerEvent[]> {
  const events: LedgerEvent[] = [];
  for (;;) {
    const after = events.at(-1)?.position ?? 0;
    const { body } = await auditor("feed", { query: { after, limit: 3 } });
    events.push(...body.events);
    if (events.length >= body.head) return events;
  }
}
const sealedSoon = () =>
  expect
    .poll(async () => (await auditor("audit", { query: {} })).body.unsealed, { timeout: 10_000 })
    .toBe(0);

test("the feed is dense and in order, and its reader can work the chain out", async () => {
  await lineOf(server).flash("SN6001");
  await lineOf(server).flash("SN6002", { outcome: "FAIL", code: "link.budget", blame: "host" });
  await peopleOn(server.platform.db).save("anna", "engineer", "correct horse battery", BY);
  await sealedSoon();
  const events = await all();
  expect(events.map(({ position }) => position)).toEqual(events.map((_, i) => i + 1));
  let previous = "0".repeat(64);
  const servers = new Set(events.map(({ server: identity }) => identity));
  expect([...servers]).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)]);
  for (const { hash, server: _, ...event } of events) {
    expect(event.previous).toBe(previous);
    const hashed = <P extends { kind: string; name: string | null }>(party: P) => ({
      ...party,
      name: party.kind === "person" ? null : party.name,
    });
    const document = { ...event, who: hashed(event.who), subject: hashed(event.subject) };
    expect(createHash("sha256").update(canonicalJson(document)).digest("hex")).toBe(hash);
    previous = hash;
  }
});

test("a poll waits for the next event and is woken by it", async () => {
  const { head } = (await auditor("feed", { query: { after: 1_000_000 } })).body;
  const waiting = auditor("feed", { query: { after: head, waitMs: 20_000 } });
  await new Promise((resolve) => setTimeout(resolve, 300));
  const began = performance.now();
  await recordEvent(server.platform.db.sql, {
    kind: "line.added",
    by: BY,
    plantId: server.seed.plantId,
    subject: { name: "L77" },
    data: {},
  });
  const { body } = await waiting;
  // The poll's own time was not half over.
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(body.events).toMatchObject([{ position: head + 1, subject: { name: "L77" } }]);
  const empty = await auditor("feed", { query: { after: head + 1, waitMs: 50 } });
  expect(empty.body).toEqual({ events: [], head: head + 1 });
});

test("the audit is filtered by who, kind, subject and time, and goes on after a position", async () => {
  const audit = async (query: CallInput<"audit">["query"]) =>
    (await auditor("audit", { query: query ?? {} })).body;
  const { events } = await audit({ subject: "SN6002" });
  expect(events.map(({ kind }) => kind)).toEqual(["attempt.finished", "attempt.started"]);
  const [finished] = events;
  const attempt = { subjectKind: "attempt", subject: finished?.subject.id ?? "" } as const;
  expect((await audit(attempt)).events).toEqual(events);
  expect((await audit({ kind: "person.added" })).events).toMatchObject([
    { subject: { kind: "person", name: "anna" }, after: { role: "engineer" } },
  ]);
  expect((await audit({ subjectKind: "person", subject: "anna" })).events).toHaveLength(1);
  expect((await audit({ whoKind: "station", who: "L3-01" })).events.length).toBe(4);
  expect((await audit({ whoKind: "station", who: "L3-02" })).events).toEqual([]);
  const from = finished?.at ?? "";
  const later = (await audit({ from })).events;
  expect(later.at(-1)?.at).toBe(from);
  expect((await audit({ to: from })).events.every(({ at }) => at < from)).toBe(true);
  const whole = await audit({ limit: 200 });
  const first = await audit({ limit: 2 });
  expect(whole.next).toBeNull();
  const second = await audit({ limit: 2, after: first.next ?? 0 });
  expect([...first.events, ...second.events]).toEqual(whole.events.slice(0, 4));
  expect(await refusal(auditor("audit", { query: { who: "anna" } }))).toBe("400 request.invalid");
  // What a misspelt kind or times the wrong way round would answer reads as if it had never happened.
  expect(await refusal(auditor("audit", { query: { kind: "unit.scraped" } }))).toBe(
    "404 request.not_found",
  );
  expect((await audit({ kind: "unit.scrapped" })).events).toEqual([]);
  const swapped = { from: "2026-11-25T00:00:00Z", to: "2026-11-24T00:00:00Z" };
  expect(await refusal(auditor("audit", { query: swapped }))).toBe("400 request.invalid");
});

test("a time has all its events, also those that were committed after later ones", async () => {
  const { sql, transaction } = server.platform.db;
  const added = (on: typeof sql, name: string) =>
    recordEvent(on, { kind: "line.added", by: BY, subject: { name }, data: {} });
  await sealedSoon();
  // The first of them stands behind the other one: its transaction takes longer.
  await transaction(async (tx) => {
    await added(tx, "L80");
    await added(sql, "L81");
    // By itself: a transaction that waits long for its client is ended.
    const sealer = sealerRepository(server.platform.db);
    while (await sealer.hasOpen()) await sealer.seal();
  });
  await sealedSoon();
  const names = async (query: CallInput<"audit">["query"]) =>
    (await auditor("audit", { query: { ...query, kind: "line.added" } })).body.events
      .map(({ subject }) => subject.name)
      .filter((name) => name === "L80" || name === "L81");
  const [event] = (await auditor("audit", { query: { subject: "L80" } })).body.events;
  expect(await names({ from: event?.at })).toEqual(["L80", "L81"]);
  expect(await names({ to: "2999-01-01T00:00:00Z" })).toEqual(["L80", "L81"]);
});

test("who may only read reads no ledger", async () => {
  const reader = await server.token("read");
  expect(await refusal(reader("audit", { query: {} }))).toBe("403 auth.forbidden");
  expect(await refusal(reader("feed", { query: {} }))).toBe("403 auth.forbidden");
  expect(await refusal(server.client()("feed", { query: {} }))).toBe("401 auth.required");
  const lead = await server.person("operator-lead");
  expect(await refusal(lead("audit", { query: {} }))).toBe("403 auth.forbidden");
});

test("a name that is erased is nowhere any more, and the chain holds", async () => {
  const { db } = server.platform;
  const by = provedAs(BY, { kind: "person", name: "Berta Muster" });
  await recordEvent(db.sql, { kind: "line.added", by, subject: { name: "L78" }, data: {} });
  await db.sql.execute("UPDATE release SET created_by = 'Berta Muster'");
  await sealedSoon();
  expect((await all()).at(-1)?.who.name).toBe("Berta Muster");
  expect(await eraseName(db, "Berta Muster", BY)).toBe(true);
  expect(await eraseName(db, "Berta Muster", BY)).toBe(false);
  await sealedSoon();
  const events = await all();
  expect(events.at(-2)?.who).toMatchObject({ kind: "person", name: null });
  expect(events.at(-1)).toMatchObject({ kind: "person.erased", subject: { name: null } });
  expect(events.at(-1)?.subject.id).toBe(events.at(-2)?.who.id);
  const tables = await db.sql.query<{ name: string }>(
    "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = current_schema()",
  );
  for (const { name } of tables) {
    const found = await db.sql.query(`SELECT FROM ${name} t WHERE t::text LIKE '%Berta Muster%'`);
    expect(found.length, name).toBe(0);
  }
  expect((await verifyLedger(verifyRepository(db.sql), [])).problems).toEqual([]);
});

test("docs/ledger.md lists every kind of event, as the contract has them", () => {
  const text = readFileSync(new URL("../../../../docs/ledger.md", import.meta.url), "utf8");
  const [, rest = ""] = text.split("<!-- kinds: printed by `flashline-server audit kinds` -->");
  const [list = ""] = rest.split("<!-- end of kinds -->");
  expect(list.trim()).toBe(listKinds());
});
