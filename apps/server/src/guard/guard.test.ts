import { afterAll, beforeAll, expect, it } from "vitest";
import { lineOf } from "../jobs/testing.ts";
import { eventsOf } from "../testing/events.ts";
import type { SeededStation } from "../testing/seed.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";

let server: TestServer;
let engineer: TestClient;
let plant: string;
let bad: SeededStation;
let good: readonly SeededStation[];

beforeAll(async () => {
  server = await startTestServer();
  engineer = await server.person("engineer");
  plant = (await engineer("plants", {})).body[0]?.name ?? "";
  bad = await server.addStation("L3-07", 1);
  good = [await server.addStation("L3-08", 1), await server.addStation("L3-09", 1)];
});
afterAll(() => server.close());

const LOST = {
  linkIncident: true,
  incidents: [{ code: "link.timeout", phase: "write", atMs: 12, detail: "no answer" }],
};
let made = 6000;

/** A unit at each of the stations, so often. */
async function rounds(count: number, stations: readonly SeededStation[]): Promise<void> {
  for (let round = 0; round < count; round += 1)
    await Promise.all(
      stations.map((station) => {
        made += 1;
        return lineOf(server, station).flash(`SN${made}`, station === bad ? LOST : {});
      }),
    );
}

const params = () => ({ id: plant });
const guard = async () => (await engineer("plantGuard", { params: params() })).body;
const host = async () => {
  const { body } = await engineer("hosts", {});
  return body.hosts.find(({ name }) => name === "L3-07") ?? expect.fail("no such host");
};
const settles = { timeout: 15_000 };

it("quarantines nothing by itself until the plant allows it, and then with the evidence", async () => {
  await rounds(16, [bad, ...good]);
  await expect.poll(async () => (await host()).rung, settles).toBe("QUARANTINE");
  expect(await guard()).toMatchObject({ plant, on: false, hosts: 3, held: 0, most: 1, spared: [] });
  expect((await host()).hold).toBeUndefined();

  const body = { on: true, reason: "nights without an engineer" };
  await engineer("setPlantGuard", { params: params(), body });
  await engineer("setPlantGuard", { params: params(), body });
  await expect
    .poll(async () => (await host()).hold, settles)
    .toMatchObject({
      origin: "guard",
      setBy: "system server",
      reason: expect.stringMatching(/lost the link here since/),
    });
  expect(await guard()).toMatchObject({ on: true, held: 1 });
  expect(await eventsOf(server.platform.db.sql, "plant.guarded")).toHaveLength(1);
  expect(await eventsOf(server.platform.db.sql, "host.quarantined")).toHaveLength(1);
});

it("leaves a host to the person who lifted its hold", async () => {
  const target = { kind: "host", host: (await host()).id } as const;
  await engineer("liftHold", { body: { target, reason: "new cable" } });
  // Longer than the guard needs to look again.
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  expect((await host()).hold).toBeUndefined();
  expect((await guard()).spared).toEqual([]);
});

it("spares the last healthy host of a line, and says so once", async () => {
  const { sql } = server.platform.db;
  const target = (name: string) => ({ kind: "host", host: name }) as const;
  for (const station of good)
    await engineer("setHold", { body: { target: target(station.name), reason: "maintenance" } });
  // As if the step had come after the hold was lifted.
  await sql.execute(
    "UPDATE hold SET lifted_at = lifted_at - interval '1 day', set_at = set_at - interval '1 day' WHERE lifted_at IS NOT NULL",
  );
  await expect
    .poll(async () => (await guard()).spared, settles)
    .toMatchObject([{ name: "L3-07", why: "last-of-line" }]);
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  expect((await host()).hold).toBeUndefined();
  const told = await eventsOf(sql, "host.spared");
  expect(told).toHaveLength(1);
  expect(told[0]?.reason).toContain("No healthy host would be left");

  // What was in its way is gone.
  await engineer("liftHold", { body: { target: target("L3-08"), reason: "done" } });
  await expect.poll(async () => (await host()).hold?.origin, settles).toBe("guard");
  expect((await guard()).spared).toEqual([]);
});

it("knows no plant of another name", async () => {
  await expect(engineer("plantGuard", { params: { id: "Nowhere" } })).rejects.toMatchObject({
    refusal: { code: "request.not_found" },
  });
});
