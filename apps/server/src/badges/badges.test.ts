import { createHmac } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { StationBadges } from "@flashline/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eraseName } from "../audit/erase.ts";
import { withClient } from "../chaos/postgres-process.ts";
import { peopleOn } from "../people/feature.ts";
import { BY, eventsOf } from "../testing/events.ts";
import { refusal } from "../testing/refusal.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";
import { badgesRepository } from "./repository.ts";

let server: TestServer;
let admin: TestClient;
let lead: TestClient;
beforeAll(async () => {
  server = await startTestServer({ idle: true });
  admin = await server.person("admin");
  lead = await server.person("operator-lead");
  await admin("addPlant", { body: { name: "Brno", timeZone: "Europe/Prague" } });
  for (const [name, role, plant] of [
    ["olaf", "operator", "Graz"],
    ["otto", "operator", "Graz"],
    ["ines", "engineer", null],
    ["petr", "operator", "Brno"],
  ] as const) {
    await admin("addPerson", { body: { name, role, plant } });
  }
});
afterAll(() => server.close());

const because = { reason: "for the test" };
const give = (name: string, content: string, call = admin) =>
  call("giveBadge", { params: { id: name }, body: { content, ...because } });
const present = (content: string) =>
  server
    .station()("presentBadge", { body: { content } })
    .then(({ body }) => body.name, refusalOf);
const refusalOf = (error: unknown) => refusal(Promise.reject(error));

async function stationList(headers: Readonly<Record<string, string>> = {}) {
  const answer = await server.app.inject({
    url: "/v1/agent/badges",
    headers: { authorization: `Bearer ${server.seed.station.credential}`, ...headers },
  });
  return { status: answer.statusCode, etag: String(answer.headers["etag"]), body: answer.body };
}

/** As a station knows a badge without the server: by what docs/people.md says and nothing else. */
function knownTo({ keys, badges }: StationBadges, content: string): string {
  for (const { id, key } of keys) {
    const mac = createHmac("sha256", Buffer.from(key, "base64"));
    const digest = mac.update(content.trim(), "utf8").digest("hex");
    const badge = badges.find((one) => one.keyId === id && one.digest === digest);
    if (badge !== undefined) return badge.person?.name ?? "lost";
  }
  return "unknown";
}
const offline = async (content: string) => {
  const { body } = await server.station()("stationBadges", {});
  return knownTo(body ?? expect.fail("no list"), content);
};

test("a badge names its person at a station of their plant, with the server and without it", async () => {
  expect((await give("olaf", " OLAF-0001 ")).status).toBe(201);
  expect((await give("olaf", "OLAF-0001")).status).toBe(200);
  await give("ines", "INES-0001");
  await give("petr", "PETR-0001");
  for (const [content, online, alone] of [
    ["OLAF-0001", "olaf", "olaf"],
    ["INES-0001", "ines", "ines"],
    ["PETR-0001", "403 badge.other_plant", "unknown"],
    ["NOBODYS-1", "404 badge.unknown", "unknown"],
  ] as const) {
    expect([await present(content), await offline(content)]).toEqual([online, alone]);
  }
  expect((await admin("people", { query: { search: "olaf" } })).body[0]?.ways).toEqual(["badge"]);
});

test("a station's list has an ETag that changes when the list does, and only then", async () => {
  const first = await stationList();
  expect(first.status).toBe(200);
  expect(first.etag).toMatch(/^"[0-9a-f]{32}"$/);
  const same = await stationList({ "if-none-match": first.etag });
  expect([same.status, same.body]).toEqual([304, ""]);
  expect((await stationList({ "if-none-match": `"other", W/${first.etag}` })).status).toBe(304);
  await give("petr", "PETR-0002");
  expect((await stationList({ "if-none-match": first.etag })).status).toBe(304);
  await give("otto", "OTTO-0001");
  const next = await stationList({ "if-none-match": first.etag });
  expect(next.status).toBe(200);
  expect(next.etag).not.toBe(first.etag);
});

test("a badge belongs to one person, and a person has one badge", async () => {
  expect(await refusal(give("ines", "OLAF-0001"))).toBe("409 badge.taken");
  const [before] = (await admin("badges", { query: { person: "otto" } })).body;
  await give("otto", "OTTO-0002");
  expect(await present("OTTO-0001")).toBe("404 badge.unknown");
  expect(await present("OTTO-0002")).toBe("otto");
  const all = (await admin("badges", { query: { person: "otto", state: "all" } })).body;
  expect(all.map(({ endedAs }) => endedAs)).toEqual([null, "replaced"]);
  expect(all[1]?.id).toBe(before?.id);
  // Two people get the same one in the same moment, and one person two.
  const contents = ["RACE-1", "RACE-2", "RACE-3"];
  for (const content of contents) {
    const answers = await Promise.all([
      refusal(give("olaf", content)),
      refusal(give("otto", content)),
    ]);
    expect(answers.filter((answer) => answer === "answered")).toHaveLength(1);
  }
  await Promise.all(["RACE-4", "RACE-5"].map((content) => refusal(give("ines", content))));
  const on = (await admin("badges", { query: { person: "ines" } })).body;
  expect(on).toHaveLength(1);
  await give("olaf", "OLAF-0001");
});

test("a badge that was lost is refused as lost, and may be given again when it is found", async () => {
  const end = async (person: string, as: "lost" | "returned", call = admin) => {
    const [badge] = (await admin("badges", { query: { person } })).body;
    const params = { id: badge?.id ?? expect.fail("no badge") };
    return (await call("endBadge", { params, body: { as, ...because } })).body;
  };
  await give("ines", "INES-0002");
  expect((await end("ines", "lost", lead)).endedAs).toBe("lost");
  expect([await present("INES-0002"), await offline("INES-0002")]).toEqual([
    "403 badge.lost",
    "lost",
  ]);
  await give("ines", "INES-0002");
  expect([await present("INES-0002"), await offline("INES-0002")]).toEqual(["ines", "ines"]);
  await end("ines", "returned");
  expect([await present("INES-0002"), await offline("INES-0002")]).toEqual([
    "404 badge.unknown",
    "unknown",
  ]);
  const ended = await eventsOf(server.platform.db.sql, "badge.ended");
  expect(ended.filter(({ subjectName }) => subjectName === "ines").at(-1)).toMatchObject({
    reason: because.reason,
    data: { as: "returned" },
  });
});

test("a lead gives operators badges, nobody else", async () => {
  expect((await give("otto", "OTTO-0003", lead)).status).toBe(201);
  expect(await refusal(give("ines", "INES-0003", lead))).toBe("403 auth.forbidden");
  const firmware = await server.person("firmware");
  expect(await refusal(give("otto", "OTTO-0004", firmware))).toBe("403 auth.forbidden");
  // Nobody gets a badge from a lead who becomes more than an operator in the same moment.
  await admin("addPerson", { body: { name: "rises", role: "operator", plant: null } });
  const { giving } = await server.platform.db.transaction(async (tx) => {
    await tx.execute("UPDATE person SET role = 'admin' WHERE name = 'rises'");
    const asked = refusal(give("rises", "RISES-0001", lead));
    await delay(150);
    return { giving: asked };
  });
  expect(await giving).toBe("403 auth.forbidden");
});

test("who is disabled is refused; who is enabled again is not", async () => {
  const people = peopleOn(server.platform.db);
  await people.disable("otto", "left", BY);
  expect([await present("OTTO-0003"), await offline("OTTO-0003")]).toEqual([
    "403 badge.disabled",
    "unknown",
  ]);
  expect(await refusal(give("otto", "OTTO-0005"))).toBe("403 badge.disabled");
  await people.enable("otto", "is back", BY);
  expect(await present("OTTO-0003")).toBe("otto");
});

test("a new key takes badges over as they are shown; those of a retired key end", async () => {
  const rotate = (from: number) => admin("rotateBadgeKey", { body: { from, ...because } });
  expect(await refusal(rotate(7))).toBe("409 request.conflict");
  expect((await rotate(1)).status).toBe(201);
  expect((await rotate(1)).status).toBe(200);
  const { body } = await server.station()("stationBadges", {});
  expect(body?.keys).toHaveLength(2);
  expect(await offline("OLAF-0001")).toBe("olaf");
  expect(await present("OLAF-0001")).toBe("olaf");
  const [olafs] = (await admin("badges", { query: { person: "olaf" } })).body;
  const [ottos] = (await admin("badges", { query: { person: "otto" } })).body;
  expect([olafs?.generation, ottos?.generation]).toEqual([2, 1]);
  // Of the older key as well, nobody else gets it.
  expect(await refusal(give("ines", "OTTO-0003"))).toBe("409 badge.taken");
  const retire = (generation: number) =>
    admin("retireBadgeKey", { params: { generation }, body: because });
  expect(await refusal(retire(2))).toBe("409 request.conflict");
  expect(await refusal(retire(9))).toBe("404 request.not_found");
  const { body: keys } = await retire(1);
  expect(keys.map(({ badges }) => badges)).toEqual([1, 0]);
  expect((await retire(1)).status).toBe(200);
  // A server that has not heard of it yet.
  const late = badgesRepository(server.platform.db).give(
    {
      person: "otto",
      mayHave: () => undefined,
      candidates: [{ generation: 1, keyId: "0".repeat(16), digest: "0" }],
      ...because,
    },
    BY,
  );
  await expect(late).rejects.toThrow("keys of badges changed");
  expect([await present("OTTO-0003"), await offline("OTTO-0003")]).toEqual([
    "404 badge.unknown",
    "unknown",
  ]);
  expect([await present("OLAF-0001"), await offline("OLAF-0001")]).toEqual(["olaf", "olaf"]);
  const retired = await eventsOf(server.platform.db.sql, "badge-key.%");
  expect(retired.map(({ kind, data }) => [kind, data])).toEqual([
    ["badge-key.rotated", { generation: 2 }],
    ["badge-key.retired", { generation: 1, badges: 2 }],
  ]);
});

test("a server with another key of its own says that badges must be given anew", async () => {
  const other = await startTestServer({
    replicaOf: server,
    idle: true,
    environment: { FLASHLINE_SECRET_KEY: "ab".repeat(32) },
  });
  const { body } = await (await other.person("admin"))("badges", { query: { person: "olaf" } });
  expect(body).toMatchObject([{ readable: false }]);
  const shown = other.station()("presentBadge", { body: { content: "OLAF-0001" } });
  expect(await refusal(shown)).toBe("404 badge.unknown");
  await other.close();
});

test("a station that tries badges is slowed down", async () => {
  const station = await server.addStation("B-1", 1);
  const guess = (i: number) =>
    refusal(server.station(station)("presentBadge", { body: { content: `GUESS-${i}` } }));
  const answers = [];
  for (let i = 0; i < 61; i += 1) answers.push(await guess(i));
  expect(answers.at(59)).toBe("404 badge.unknown");
  expect(answers.at(60)).toBe("429 request.rate_limited");
});

test("what stands on a badge is in no table of the database, and who is erased has none", async () => {
  const { db } = server.platform;
  const tables = await db.sql.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
  );
  expect(tables.length).toBeGreaterThan(30);
  await withClient(server.database.url, async (client) => {
    for (const { name } of tables) {
      const { rows } = await client.query(`SELECT t::text AS text FROM "${name}" t`);
      expect(JSON.stringify(rows)).not.toMatch(/OLAF-0|INES-0|OTTO-0|GUESS-/);
    }
  });
  expect(await eraseName(db, "olaf", BY)).toBe(true);
  expect(await present("OLAF-0001")).toBe("404 badge.unknown");
  expect(JSON.stringify(await eventsOf(db.sql))).not.toContain("olaf");
});
