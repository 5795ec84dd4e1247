import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "../ids.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";
import { codeOf, lineOf } from "./testing.ts";

let server: TestServer;
let engineer: TestClient;
beforeAll(async () => {
  server = await startTestServer();
  engineer = await server.person("engineer");
  await addProduct("FAN-7", "F\\d{6}", "pattern");
  await addProduct("FAN-8", "F8\\d{4}", "pattern");
  await addProduct("PUMP", "P\\d{4}", "listed");
});
afterAll(() => server.close());

/** A product with a release like the seeded one, and an open order of it at the seeded station. */
async function addProduct(name: string, pattern: string, registration: "pattern" | "listed") {
  const chip = "STM32F407";
  await engineer("addProduct", { body: { name, chip, serialPattern: pattern, registration } });
  await server.platform.db.sql.execute(
    `INSERT INTO release (id, product_id, version, counter, chip, state, "check", manifest, manifest_sha256, signature, key_id, recipe, created_by)
     SELECT $2::uuid, p.id, '1.0.0', 1, r.chip, 'released', 'passed', manifest, md5($1) || md5($1), signature, key_id, recipe, 'test'
       FROM release r, product p WHERE p.name = $1 AND r.id = $3::uuid`,
    [name, newId(), server.seed.releaseId],
  );
  const { name: station } = server.seed.station;
  await engineer("addWorkOrder", {
    body: {
      number: `WO-${name}`,
      product: name,
      version: "1.0.0",
      quantity: 5,
      stations: [station],
    },
  });
}
const scan = async (serial: string) =>
  (await server.station()("preflight", { body: { serial, nest: "C" } })).body;

test("the scanned serial's product decides among the orders of a station", async () => {
  expect(await scan("SN990001")).toMatchObject({ go: true, product: "PSU-40", workOrder: "WO-1" });
  expect(await scan("F123456")).toMatchObject({ product: "FAN-7", workOrder: "WO-FAN-7" });
  await lineOf(server).order("F123456");
  const { body } = await engineer("workOrder", { params: { id: "WO-FAN-7" } });
  expect(body).toMatchObject({ used: 1, queue: [{ active: true, inWork: 1 }] });
});

test("agents that know of one order let the serials of all pass", async () => {
  const { body } = await server.station()("setup", {});
  expect(body.workOrder?.number).toBe("WO-1");
  expect(body.workOrder?.serialPattern).toBe(
    "(?:^SN\\d{4,8}$)|(?:F\\d{6})|(?:F8\\d{4})|(?:P\\d{4})",
  );
  expect(body.workOrders.map(({ active }) => active)).toEqual([true, true, true, true]);
});

test("a serial that may be of several products is refused with their names; a registered one is not", async () => {
  await engineer("addProduct", {
    body: { name: "FAN-9", chip: "STM32F407", serialPattern: "F9\\d+", registration: "pattern" },
  });
  await addProduct("FAN-90", "F9\\d{5}", "pattern");
  const refused = await scan("F900001");
  expect(refused).toMatchObject({
    go: false,
    code: "preflight.product_ambiguous",
    parameters: { products: "FAN-7, FAN-90" },
  });
  expect(await codeOf(lineOf(server).order("F900001", "B"))).toBe("preflight.product_ambiguous");
  await engineer("addUnits", { body: { product: "FAN-90", serials: ["F900001"] } });
  expect(await scan("F900001")).toMatchObject({ go: true, product: "FAN-90" });
  await engineer("addUnits", { body: { product: "FAN-7", serials: ["F900001"] } });
  expect(await scan("F900001")).toMatchObject({ code: "preflight.product_ambiguous" });
});

test("a serial of none of the station's products is refused with what they are", async () => {
  expect(await scan("X1")).toMatchObject({ code: "preflight.serial_malformed" });
  expect(await scan("P0001")).toMatchObject({
    code: "preflight.unknown_serial",
    parameters: { product: "PUMP" },
  });
  await engineer("addUnits", { body: { product: "FAN-9", serials: ["F91"] } });
  expect(await scan("F91")).toMatchObject({
    code: "preflight.wrong_product",
    parameters: { otherProduct: "FAN-9", product: "FAN-7, FAN-8, FAN-90, PSU-40, PUMP" },
  });
});
