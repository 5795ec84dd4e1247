import { afterAll, beforeAll, expect, test } from "vitest";
import { refusal } from "../testing/refusal.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";

let server: TestServer;
let engineer: TestClient;
beforeAll(async () => {
  server = await startTestServer({ idle: true });
  engineer = await server.person("engineer");
});
afterAll(() => server.close());

const order = (
  change: Partial<{
    number: string;
    product: string;
    version: string;
    quantity: number;
    stations: string[];
  }>,
) =>
  engineer("addWorkOrder", {
    body: { number: "WO-2", product: "PSU-40", version: "1.0.0", quantity: 10, ...change },
  });

test("a work order comes into its stations' queues, behind what they have, and closing it takes it out", async () => {
  const created = await order({ stations: ["L3-01"] });
  expect(created.status).toBe(201);
  expect(created.body).toMatchObject({ passed: 0, used: 0, state: "open", stations: ["L3-01"] });
  const both = (await server.station()("setup", {})).body;
  // What agents of before read.
  expect(both.workOrder).toMatchObject({
    number: "WO-1",
    manifestSha256: server.seed.manifestSha256,
    serialPattern: "^SN\\d{4,8}$",
  });
  expect(both.workOrders.map(({ number, active }) => [number, active])).toEqual([
    ["WO-1", true],
    ["WO-2", false],
  ]);
  const closed = await engineer("closeWorkOrder", { params: { id: created.body.id } });
  expect(closed.body).toMatchObject({ state: "closed", stations: [] });
  const { workOrders } = (await server.station()("setup", {})).body;
  expect(workOrders.map(({ number }) => number)).toEqual(["WO-1"]);
  expect((await engineer("closeWorkOrder", { params: { id: "WO-2" } })).body.state).toBe("closed");
});

test("the same order again answers with it; what does not exist or contradicts is refused", async () => {
  const first = await order({ number: "WO-3" });
  expect((await order({ number: "WO-3" })).body.id).toBe(first.body.id);
  await expect(order({ number: "WO-3", quantity: 11 })).rejects.toMatchObject({
    status: 409,
    refusal: { code: "request.conflict", parameters: { differs: "quantity 10, not 11" } },
  });
  const twice = await Promise.all([order({ number: "WO-31" }), order({ number: "WO-31" })]);
  expect(twice[0].body.id).toBe(twice[1].body.id);
  expect(await refusal(order({ number: "WO-4", product: "X" }))).toBe("400 request.invalid");
  expect(await refusal(order({ number: "WO-4", version: "9" }))).toBe("400 request.invalid");
  expect(await refusal(order({ number: "WO-4", stations: ["nowhere"] }))).toBe(
    "400 request.invalid",
  );
  expect(await refusal(order({ number: "WO-4", quantity: 0 }))).toBe("400 request.invalid");
  const unknown = { params: { id: "01a20374-f59e-75d7-857a-6e9a0df5e633" } };
  expect(await refusal(engineer("closeWorkOrder", unknown))).toBe("404 request.not_found");
  expect((await engineer("workOrders", {})).body.map(({ number }) => number)).not.toContain("WO-4");
});

test("no order is made with a draft, a revoked or an expired release", async () => {
  const { sql } = server.platform.db;
  const set = (assignments: string) => sql.execute(`UPDATE release SET ${assignments}`);
  await set("state = 'draft'");
  expect(await refusal(order({ number: "WO-5" }))).toBe("409 release.not_released");
  await set("state = 'revoked'");
  expect(await refusal(order({ number: "WO-5" }))).toBe("409 release.revoked");
  await set("state = 'released', expires_at = now() - interval '1 second'");
  expect(await refusal(order({ number: "WO-5" }))).toBe("409 release.expired");
  await set("expires_at = NULL");
  expect((await order({ number: "WO-5" })).status).toBe(201);
});

test("a product has one flash step and is added once", async () => {
  const product = {
    name: "FAN-7",
    chip: "STM32F072",
    boardRevisions: ["B", "C"],
    serialPattern: "^F\\d{6}$",
  };
  const first = await engineer("addProduct", { body: product });
  expect(first.body).toMatchObject({ registration: "listed", allowVirtual: false, units: 0 });
  expect((await engineer("addProduct", { body: product })).body.id).toBe(first.body.id);
  expect(await refusal(engineer("addProduct", { body: { ...product, chip: "STM32F407" } }))).toBe(
    "409 request.conflict",
  );
  const broken = { ...product, name: "FAN-8", serialPattern: "(" };
  expect(await refusal(engineer("addProduct", { body: broken }))).toBe(
    "422 product.pattern_unusable",
  );
  const bare = { name: "FAN-9", chip: "STM32F072", registration: "pattern" } as const;
  expect(await refusal(engineer("addProduct", { body: bare }))).toBe("400 request.invalid");
  const steps = await server.platform.db.sql.query(
    "SELECT name, position FROM process_step WHERE product_id = $1",
    [first.body.id],
  );
  expect(steps).toEqual([{ name: "flash", position: 1 }]);
});

test("units are imported once each after normalisation, all or none", async () => {
  const add = (...serials: string[]) =>
    engineer("addUnits", {
      body: { product: "FAN-7", batch: "LOT-1", boardRevision: "B", serials },
    });
  expect((await add("F000001", " f000002 ", "F000001")).body).toEqual({ added: 2, known: 1 });
  expect((await add("F000002", "F000003")).body).toEqual({ added: 1, known: 1 });
  expect(await refusal(add("F000004", "G1"))).toBe("422 preflight.serial_malformed");
  const rows = await server.platform.db.sql.query(
    "SELECT serial, batch, board_revision FROM unit JOIN product p ON p.id = product_id WHERE p.name = 'FAN-7' ORDER BY serial",
  );
  expect(rows).toEqual(
    ["F000001", "F000002", "F000003"].map((serial) => ({
      serial,
      batch: "LOT-1",
      board_revision: "B",
    })),
  );
  expect((await engineer("products", {})).body.find(({ name }) => name === "FAN-7")?.units).toBe(3);
  expect(await refusal(engineer("addUnits", { body: { product: "X", serials: ["1"] } }))).toBe(
    "400 request.invalid",
  );
});

test("a product's chip is one of the part table", async () => {
  const product = { name: "FAN-7", chip: "STM32X999" };
  expect(await refusal(engineer("addProduct", { body: product }))).toBe("422 release.chip_unknown");
});

test("a stored pattern that nothing can match in bounded time is told, and replaced", async () => {
  const product = { name: "FAN-6", chip: "STM32F072", registration: "pattern" } as const;
  await engineer("addProduct", { body: { ...product, serialPattern: "F\\d+" } });
  await server.platform.db.sql.execute(
    "UPDATE product SET serial_pattern = '(?=F)F\\d+' WHERE name = 'FAN-6'",
  );
  const units = { product: "FAN-6", serials: ["F1"] };
  expect(await refusal(engineer("addUnits", { body: units }))).toBe("422 product.pattern_unusable");
  const repaired = await engineer("addProduct", {
    body: { ...product, serialPattern: "F\\d{1,9}" },
  });
  expect(repaired.body.serialPattern).toBe("F\\d{1,9}");
  expect((await engineer("addUnits", { body: units })).body).toEqual({ added: 1, known: 0 });
  const other = { ...product, serialPattern: "G\\d+" };
  expect(await refusal(engineer("addProduct", { body: other }))).toBe("409 request.conflict");
});

test("an import holds serials against the whole pattern, as a scan does, and takes no control characters", async () => {
  const add = (serial: string) =>
    refusal(engineer("addUnits", { body: { product: "PSU-40", serials: [serial] } }));
  for (const serial of ["XSN1234", "SN1234X", "SN12\u000034", "SN12\ud80034"]) {
    expect(await add(serial), serial).toBe("422 preflight.serial_malformed");
  }
});
