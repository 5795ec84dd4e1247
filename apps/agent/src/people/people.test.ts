import { createHmac } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type NoticeMessage, StationSetup } from "@flashline/contract";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { serverLink } from "../server/link.ts";
import { openBadgeList } from "./badge-list.ts";
import { createPeople } from "./people.ts";

const ID = (n: number) => `019f0000-0000-7000-8000-00000000000${n}`;
const KEY = Buffer.alloc(32, 7);
const digest = (content: string) => createHmac("sha256", KEY).update(content).digest("hex");
const OLAF = { id: ID(1), name: "olaf", role: "operator" };
const OTTO = { id: ID(2), name: "otto", role: "operator" };

/** What the server has; `null` is a lost badge. */
let badges: Map<string, typeof OLAF | null>;
let refusals: Map<string, string>;
let asked: string[];
let server: Server;
let baseUrl: string;
let folder: string;
beforeEach(async () => {
  badges = new Map<string, typeof OLAF | null>([
    ["OLAF-0001", OLAF],
    ["FL-BADGE-OTTO-1", OTTO],
    ["LOST-0001", null],
  ]);
  refusals = new Map();
  asked = [];
  folder = await mkdtemp(join(tmpdir(), "flashline-people-"));
  server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on("end", () => {
      const answer = (status: number, body: unknown) => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(status === 304 ? undefined : JSON.stringify(body));
      };
      if (request.method === "GET") {
        const list = [...badges].map(([content, person]) => ({
          keyId: "k1",
          digest: digest(content),
          person,
        }));
        const version = createHmac("sha256", "v").update(JSON.stringify(list)).digest("hex");
        asked.push(String(request.headers["if-none-match"]));
        if (request.headers["if-none-match"] === `"${version}"`) return answer(304, null);
        const keys = [{ id: "k1", key: KEY.toString("base64") }];
        return answer(200, { version, keys, badges: list });
      }
      const { content } = JSON.parse(text);
      asked.push(content);
      const person = badges.get(content);
      const code = refusals.get(content) ?? (person ? undefined : "badge.unknown");
      if (code === undefined) return answer(200, person);
      return answer(403, { code, blame: "operator", message: "no", action: "Scan again." });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

const setupWith = (rules: object) =>
  StationSetup.parse({
    stationId: ID(9),
    station: "L3-07",
    line: "3",
    plant: "Graz",
    timeZone: "Europe/Vienna",
    nests: [],
    workOrder: null,
    operators: {
      badgePrefix: "FL-BADGE-",
      required: true,
      idleMinutes: 20,
      shiftEnd: true,
      shifts: [{ name: "early", start: "06:00", end: "14:00" }],
      ...rules,
    },
  });

/** A station with its log, at a time that stands still until it is moved. */
async function prepared(rules: object = {}) {
  const link = serverLink({ baseUrl });
  const notices: NoticeMessage[] = [];
  const lines: string[] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => void lines.push(line) });
  const clock = { wall: Date.parse("2026-11-25T09:00:00+01:00"), up: 0 };
  const setup = setupWith(rules);
  const list = await openBadgeList(folder, log, () => clock.wall);
  const changes = { count: 0 };
  const people = createPeople({
    badges: list,
    link,
    log,
    setup: () => setup,
    notify: (message) => notices.push(message),
    onChange: () => {
      changes.count += 1;
    },
    now: () => clock.wall,
    uptime: () => clock.up,
  });
  const pass = (minutes: number) => {
    clock.wall += minutes * 60_000;
    clock.up += minutes * 60_000;
    people.tick();
  };
  const told = (message: object) =>
    expect.poll(() => notices.at(-1), { interval: 5 }).toEqual(message);
  const refresh = () => people.refresh(new AbortController().signal);
  return { people, notices, lines, clock, changes, pass, told, refresh, list };
}
const loggedIn = (name: string) => ({ key: "logged-in", kind: "info", name });
const loggedOut = (name: string, why: string) => ({ key: "logged-out", kind: "info", name, why });
const refused = (code: string) => ({ key: "badge-refused", kind: "refused", code });

test("a badge logs in and another one takes over, by the kept list and without the server", async () => {
  const first = await prepared();
  await first.refresh();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  // Another life of the agent, that has never reached its server.
  const { people, notices, changes } = await prepared();
  expect([people.worker, people.needsBadge]).toEqual([null, true]);
  people.show("FL-BADGE-OLAF-0001");
  expect(notices.at(-1)).toEqual(loggedIn("olaf"));
  people.show(" FL-BADGE-OTTO-1 ");
  expect([people.worker?.id, people.needsBadge, changes.count]).toEqual([OTTO.id, false, 2]);
  for (const [text, code] of [
    ["FL-BADGE-LOST-0001", "badge.lost"],
    ["FL-BADGE-NOBODYS-1", "badge.unknown"],
    ["FL-BADGE-", "badge.unknown"],
  ] as const) {
    people.show(text);
    expect(notices.at(-1)).toEqual(refused(code));
  }
  expect(people.worker?.id).toBe(OTTO.id);
});

test("a list that nobody has confirmed for a day, or from the future, says nothing", async () => {
  const before = await prepared();
  await before.refresh();
  const { people, notices, clock } = await prepared();
  for (const [hours, notice] of [
    [23, loggedIn("olaf")],
    [24, refused("badge.unchecked")],
    [-1, refused("badge.unchecked")],
  ] as const) {
    clock.wall = Date.parse("2026-11-25T09:00:00+01:00") + hours * 3_600_000;
    people.show("FL-BADGE-OLAF-0001");
    expect(notices.at(-1)).toEqual(notice);
  }
  await writeFile(join(folder, "badges.json"), "{torn");
  const torn = await prepared();
  torn.people.show("FL-BADGE-OLAF-0001");
  expect(torn.notices.at(-1)).toEqual(refused("badge.unchecked"));
});

test("the server is asked about a badge that the list does not have, and may know better than it", async () => {
  const { people, told, refresh } = await prepared();
  await refresh();
  badges.set("OTTO-0002", OTTO);
  people.show("FL-BADGE-OTTO-0002");
  await told(loggedIn("otto"));
  expect(asked).toContain("FL-BADGE-OTTO-0002");
  refusals.set("FL-BADGE-OLAF-0001", "badge.disabled");
  people.show("FL-BADGE-OLAF-0001");
  await told(refused("badge.disabled"));
  expect(people.worker).toBeNull();
  refusals.set("FL-BADGE-OTTO-0003", "badge.other_plant");
  people.show("FL-BADGE-OTTO-0003");
  await told(refused("badge.other_plant"));
});

test("who is not in the server's list any more is logged out, and a list that is the same is not sent again", async () => {
  const { people, notices, refresh } = await prepared();
  await refresh();
  people.show("FL-BADGE-OLAF-0001");
  await refresh();
  expect(asked.filter((one) => one.startsWith('"'))).toHaveLength(1);
  badges.set("OLAF-0001", { ...OLAF, name: "olaf.b" });
  await refresh();
  expect(people.worker).toEqual({ id: OLAF.id, name: "olaf.b" });
  badges.delete("OLAF-0001");
  await refresh();
  expect(notices.at(-1)).toEqual(loggedOut("olaf.b", "ended"));
});

test("who does nothing is logged out, and so is everybody at the shift's end", async () => {
  const { people, notices, pass, refresh } = await prepared();
  await refresh();
  people.show("FL-BADGE-OLAF-0001");
  pass(19);
  people.acted();
  pass(19);
  expect(people.worker).not.toBeNull();
  pass(1);
  expect(notices.at(-1)).toEqual(loggedOut("olaf", "idle"));
  people.show("FL-BADGE-OLAF-0001");
  for (let minute = 0; minute < 260; minute += 10) {
    people.acted();
    pass(10);
  }
  expect(people.worker).not.toBeNull();
  pass(1);
  expect(notices.at(-1)).toEqual(loggedOut("olaf", "shift"));
  people.logOut();
  expect(notices.at(-1)).toMatchObject({ key: "nobody-logged-in" });
});

test("what is on a badge is in no log, no notice and no file", async () => {
  const { people, notices, lines, told, refresh } = await prepared();
  await refresh();
  for (const content of ["OLAF-0001", "LOST-0001", "NOBODYS-1"]) people.show(`FL-BADGE-${content}`);
  await told(refused("badge.unknown"));
  const kept = await readFile(join(folder, "badges.json"), "utf8");
  const all = [...lines, JSON.stringify(notices), kept].join("\n");
  expect(all).toContain(OLAF.id);
  for (const content of ["OLAF-0001", "LOST-0001", "NOBODYS-1"]) expect(all).not.toContain(content);
});
