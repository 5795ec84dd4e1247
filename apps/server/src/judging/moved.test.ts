import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { lineOf } from "../jobs/testing.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";
import { HostFigures } from "../verdict/index.ts";
import { verdictsOf } from "./history.repository.ts";
import type { News } from "./news.repository.ts";
import { Populations } from "./populations.ts";
import { everyHost, publish } from "./publish.repository.ts";
import { saveState } from "./state.repository.ts";

let server: TestServer;
let hosts: readonly string[];
beforeAll(async () => {
  server = await startTestServer({ idle: true });
  const stations = [server.seed.station, await server.addStation("L3-02")];
  for (const [n, station] of stations.entries())
    await lineOf(server, station).flash(`SN${1001 + n}`);
  const rows = await server.platform.db.sql.query<{ id: string }>(
    "SELECT id FROM host ORDER BY id",
  );
  hosts = rows.map(({ id }) => id);
});
afterAll(() => server.close());

const BEGAN = Date.parse("2026-11-24T08:00:00Z");
let units = 0;
/** A block of a plant in which a host, of three, lost the link with each unit or with none. */
const block = (population: string, host: string, incident: boolean): readonly News[] =>
  [host, "other", "third"].flatMap((one) =>
    Array.from({ length: 8 }, (): News => {
      units += 1;
      const visit = {
        population,
        stratum: "release/order",
        line: population,
        pc: one,
        host: one,
        model: "8086:a36d",
        hub: null,
        port: "1-1",
        unit: String(units),
        takenOut: false,
        incident: incident && one === host,
        again: false,
        receivedAt: new Date(BEGAN + units * 1_000),
      };
      return { what: "visit", visit };
    }),
  );

it("shows a host as the plant makes it in which it was last, in whatever order plants are known", async () => {
  const { db } = server.platform;
  const [first = "", second = ""] = hosts;
  const [graz, wien] = [randomUUID(), randomUUID()].toSorted() as [string, string];
  const populations = new Populations();
  const news = [
    ...[...block(graz, first, true), ...block(wien, second, true)],
    ...[...block(wien, first, false), ...block(graz, second, false)],
  ];
  const taken = populations.take(news, 0);
  const shown = async (of: readonly { population: string; host: string }[]) => {
    const own = of.filter(({ host }) => hosts.includes(host));
    await db.transaction((sql) => publish(sql, populations, own, taken.at, false));
    const rows = await db.sql.query<{ statistics: unknown }>(
      "SELECT statistics FROM host WHERE id = ANY($1) ORDER BY id",
      [hosts],
    );
    return rows.map(({ statistics }) => HostFigures.parse(statistics).rung);
  };
  expect(await shown(everyHost(populations))).toEqual(["OK", "OK"]);
  await db.transaction((sql) => saveState(sql, populations, taken.lessons));
  for (const host of hosts) {
    const told = await verdictsOf(db, host, new Date(taken.at));
    expect(told?.series.map(({ y }) => y)).toEqual([0]);
  }
  const repaired = populations.take([{ what: "repair", host: first, at: new Date() }], taken.at);
  expect(await shown(repaired.touched)).toEqual(["OK", "OK"]);
});
