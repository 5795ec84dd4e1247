import { cpSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "@flashline/contract";
import { freePort } from "@flashline/server/testing/ports";
import { startUpgraded, type UpgradedServer } from "@flashline/server/testing/state";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Login } from "../e2e/support/people.ts";
import { AGENT, type Process, startProcess, until } from "../e2e/support/rig.ts";
import { NIGHTLY } from "../nightly.ts";
import { type Api, incompatibilities } from "./contract.ts";
import { RECORDED, type Recorded, unpack } from "./recorded.ts";
import { replay } from "./replay.ts";
import { openWire } from "./wire.ts";

/** By day the agents of one version: a process each, started twice. */
/** By day the oldest and the latest one. */
const TRIED = NIGHTLY ? RECORDED : [...RECORDED.slice(0, 1), ...RECORDED.slice(-1)];
const WITH_AGENTS = NIGHTLY ? RECORDED : RECORDED.slice(0, 1);
const STATION_PATHS = "/v1/agent/";
/** In work when the version was recorded; their stations still had something to tell. */
const CUT_OFF = "MC2-000004";
const WAITING = "MC2-000005";
const AGENTS = ["L3-02", "L3-03"];
/** Two agents start and send within seconds. A machine that is busy with everything else takes a minute. */
const AGENTS_MS = 90_000;

type Row = Readonly<Record<string, unknown>>;

/** Of each row these values, by the first one of them. */
const pick = (rows: readonly Row[], ...names: readonly string[]) =>
  new Map(rows.map((row) => [row[names[0] ?? ""], names.map((name) => row[name])]));

/** The session's cookie. */
async function logIn(url: string, login: Login): Promise<string> {
  const answer = await fetch(`${url}/v1/session`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body: JSON.stringify(login),
  });
  if (answer.status !== 200) throw new RangeError(await answer.text());
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
}

describe.each(TRIED)("what %s left behind", (name) => {
  let recorded: Recorded;
  let server: UpgradedServer;
  let session: string;
  beforeAll(async () => {
    recorded = unpack(name);
    server = await startUpgraded(join(recorded.folder, "after"));
    session = await logIn(server.url, recorded.about.login);
  });
  afterAll(async () => {
    await server.close();
    rmSync(recorded.folder, { recursive: true, force: true });
  });
  const api = () =>
    createClient<AbortSignal>({
      baseUrl: server.url,
      fetch,
      headers: () => ({ cookie: session }),
    });
  const stateOf = async (serial: string) => {
    const { body } = await api()("units", { query: { search: serial, limit: 5 } });
    return body.find((unit) => unit.serial === serial)?.state;
  };

  test("its units, orders, releases and attempts are what they were, and so are all counts", async () => {
    const { pages } = recorded.about;
    const call = api();
    const units = (await call("units", { query: { limit: 100 } })).body;
    const settled = (rows: readonly Row[]) =>
      rows.filter(({ serial }) => serial !== CUT_OFF && serial !== WAITING);
    expect(pick(settled(units), "serial", "state", "product")).toEqual(
      pick(settled(pages.units), "serial", "state", "product"),
    );
    expect(units).toHaveLength(pages.units.length);
    const orders = (await call("workOrders", { query: {} })).body;
    const ofOrder = ["number", "product", "version", "quantity", "passed", "failed", "state"];
    expect(pick(orders, ...ofOrder)).toEqual(pick(pages.orders, ...ofOrder));
    const releases = (await call("releases", { query: {} })).body;
    const ofRelease = ["id", "version", "counter", "state", "check", "manifestSha256"];
    expect(pick(releases, ...ofRelease)).toEqual(pick(pages.releases, ...ofRelease));
    const attempts = (await call("attempts", { query: { limit: 100 } })).body;
    const ofAttempt = ["id", "outcome", "code", "station", "serial", "startedAt", "durationMs"];
    expect(pick(attempts, ...ofAttempt)).toEqual(pick(pages.attempts, ...ofAttempt));
    expect(await server.wrongCounts()).toEqual([]);
  });

  test("its people log in, and the ledger is whole", async () => {
    expect((await api()("session", {})).body.name).toBe(recorded.about.login.name);
    const ledger = await until("all is sealed", async () => {
      const found = await server.ledger();
      return found.open.events === 0 && found.events > 0 ? found : undefined;
    });
    expect(ledger.problems).toEqual([]);
  });

  test("an agent of that version could speak to this server", async () => {
    const now: Api = JSON.parse(await (await fetch(`${server.url}/openapi.json`)).text());
    const concerns = (path: string) => path.startsWith(STATION_PATHS);
    expect(incompatibilities(recorded.openapi, now, concerns)).toEqual([]);
  });

  const journals = async () => {
    const wire = await openWire(server.url);
    const agents: Process[] = [];
    const dataOf = (station: string) => join(recorded.folder, "today", station);
    const journalOf = (station: string) =>
      readFileSync(join(dataOf(station), "journal.jsonl"), "utf8");
    const startAgents = async () => {
      for (const station of AGENTS) {
        agents.push(
          startProcess(AGENT, ["run", "--usbip", "127.0.0.1:9"], {
            FLASHLINE_DATA: dataOf(station),
            FLASHLINE_SERVER: wire.url,
            FLASHLINE_PORT: String(await freePort()),
          }),
        );
      }
    };
    const said = () => agents.map((agent) => agent.output()).join("\n");
    try {
      for (const station of AGENTS) {
        cpSync(join(recorded.folder, "agents", station), dataOf(station), { recursive: true });
        expect(journalOf(station)).not.toContain('"entry":"settled"');
      }
      await startAgents();
      const states = async () => [await stateOf(CUT_OFF), await stateOf(WAITING)].join();
      const settled = async () => ((await states()) === "failed,passed" ? true : undefined);
      await until("both are settled", settled, AGENTS_MS, said);
      const acknowledged = () =>
        AGENTS.every((station) => journalOf(station).includes('"entry":"settled"'))
          ? true
          : undefined;
      await until("the agents know", acknowledged, AGENTS_MS, said);
      await Promise.all(agents.map((agent) => agent.end()));
      const results = () => wire.exchanges.filter(({ url }) => url.endsWith("/result"));
      expect(results().map(({ status }) => status)).toEqual([201, 201]);

      // Another start has nothing to send.
      await startAgents();
      const heard = wire.exchanges.length;
      await until(
        "both agents are back",
        () => {
          const since = wire.exchanges.slice(heard).filter(({ url }) => url.endsWith("/status"));
          return new Set(since.map(({ headers }) => headers["authorization"])).size === 2
            ? true
            : undefined;
        },
        AGENTS_MS,
      );
      expect(results()).toHaveLength(2);
      expect(await server.wrongCounts()).toEqual([]);
    } finally {
      await Promise.all(agents.map((agent) => agent.end()));
      wire.close();
    }
  };
  if (WITH_AGENTS.includes(name))
    test(
      "what its agents' journals hold comes in once, by the agents of today",
      {
        timeout: 3 * AGENTS_MS,
      },
      journals,
    );

  test("its agent's requests get the answers that they got", async () => {
    const earlier = await startUpgraded(join(recorded.folder, "before"));
    try {
      // Enrollment tokens live for a day.
      await earlier.platform.db.sql.execute(
        "UPDATE enrolment_token SET expires_at = now() + interval '1 hour'",
        [],
      );
      expect(await replay(earlier.url, recorded.wire)).toBeGreaterThan(20);
      expect(await earlier.wrongCounts()).toEqual([]);
    } finally {
      await earlier.close();
    }
  });
});
