import { afterAll, beforeAll, expect, test } from "vitest";
import { lineOf } from "../jobs/testing.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const FAILED = { outcome: "FAIL", code: "link.lost", blame: "host" } as const;
const controllers = async () => (await server.station()("stationControllers", {})).body;

test("a station is told of its controllers, with what the plant measured at their models and elsewhere", async () => {
  expect((await controllers()).controllers).toEqual([]);
  const own = lineOf(server);
  await own.flash("SN8001");
  await own.flash("SN8002", FAILED);
  // A second try is no first attempt.
  await own.flash("SN8002");
  const { days, controllers: told } = await controllers();
  expect(days).toBe(14);
  expect(told).toMatchObject([
    { driver: "xhci_hcd", verdict: "NOT_ENOUGH_DATA", failedFirst: { count: 1, n: 2, share: 0.5 } },
  ]);
  expect(told[0]?.failedFirst.low).toBeCloseTo(0.0945, 3);
  expect(told[0]?.failedFirstElsewhere).toMatchObject({ count: 0, n: 0, share: null });
  // Another model at the same PC.
  await own.flash("SN8003", FAILED, "A", {
    pciAddress: "0000:03:00.0",
    vendorDevice: "1b21:2142",
  });
  const both = (await controllers()).controllers;
  expect(
    both.map(({ failedFirst, failedFirstElsewhere }) => [
      failedFirst.count,
      failedFirst.n,
      failedFirstElsewhere.n,
    ]),
  ).toEqual(
    expect.arrayContaining([
      [1, 2, 1],
      [1, 1, 2],
    ]),
  );
  await server.platform.db.sql.execute(
    "UPDATE host SET verdict = 'SUSPECT' WHERE controller = $1",
    ["1b21:2142"],
  );
  expect(
    (await controllers()).controllers.map(({ model, verdict }) => [model, verdict]),
  ).toContainEqual(["ASMedia 1b21:2142", "SUSPECT"]);
});
