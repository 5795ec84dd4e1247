import { RefusedError, type SerialRow } from "@flashline/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventsOf } from "../testing/events.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";

let server: TestServer;
let engineer: TestClient;
beforeAll(async () => {
  server = await startTestServer({ idle: true });
  engineer = await server.person("engineer");
  await engineer("addProduct", {
    body: { name: "PUMP", chip: "STM32F407", serialPattern: "P\\d{4}", boardRevisions: ["B", "C"] },
  });
});
afterAll(() => server.close());

type Row = Omit<SerialRow, "line">;
const list = (rows: readonly Row[], skipBad = false, product = "PUMP") =>
  engineer("addSerialList", {
    body: { product, skipBad, rows: rows.map((row, at) => ({ line: at + 2, ...row })) },
  });
async function refusedWith(call: Promise<unknown>) {
  const error: unknown = await call.catch((caught: unknown) => caught);
  if (!(error instanceof RefusedError)) return expect.fail("was taken");
  const { code, details } = error.refusal;
  return { status: error.status, code, details };
}
const count = async () => {
  const rows = await server.platform.db.sql.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM unit u JOIN product p ON p.id = u.product_id WHERE p.name = 'PUMP'",
  );
  return rows[0]?.n;
};

test("a list is taken as a whole, and the same list again is fine", async () => {
  const rows = [
    { serial: "p0001", boardRevision: "B", batch: "LOT-1" },
    { serial: "P0002", batch: "LOT-1" },
    { serial: " P0002 ", batch: "" },
  ];
  expect((await list(rows)).body).toEqual({ added: 2, known: 1, leftOut: 0, bad: [] });
  expect((await list(rows)).body).toEqual({ added: 0, known: 3, leftOut: 0, bad: [] });
  const events = await eventsOf(server.platform.db.sql, "units.added");
  expect(events).toMatchObject([{ data: { added: 2, given: 3, batch: "LOT-1" } }]);
});

test("bad rows are reported by line, value and code, and nothing is taken; --skip-bad takes the rest", async () => {
  const before = await count();
  const rows = [
    { serial: "P0010" },
    { serial: "X1" },
    { serial: "P0011", boardRevision: "Z" },
    { serial: "P0012", order: "WO-NO" },
    { serial: "P0013", order: "WO-1" },
    { serial: "P0014", batch: "LOT-2" },
    { serial: "P0014", batch: "LOT-3" },
    { serial: "P0001", batch: "LOT-9" },
  ];
  expect(await refusedWith(list(rows))).toMatchObject({
    status: 422,
    code: "units.bad_rows",
    details: [
      { line: 3, value: "X1", code: "preflight.serial_malformed" },
      { line: 4, value: "Z", code: "units.board_revision" },
      { line: 5, value: "WO-NO", code: "units.order" },
      { line: 6, value: "WO-1", code: "units.order" },
      { line: 8, value: "P0014", code: "units.other_content" },
    ],
  });
  expect(await count()).toBe(before);
  const taken = (await list(rows, true)).body;
  expect(taken).toMatchObject({ added: 2, known: 0, leftOut: 6 });
  expect(taken.bad.map(({ line }) => line)).toEqual([3, 4, 5, 6, 8, 9]);
});

test("a repeat with other content is refused and says what differs", async () => {
  expect(
    await refusedWith(list([{ serial: "P0001", boardRevision: "C", batch: "LOT-1" }])),
  ).toEqual({
    status: 409,
    code: "units.other_content",
    details: [
      {
        line: 2,
        value: "P0001",
        code: "units.other_content",
        message: "P0001 is known with boardRevision B, not C.",
      },
    ],
  });
  const add = (batch: string) =>
    engineer("addUnits", { body: { product: "PUMP", batch, serials: ["P0001", "P0100"] } });
  expect(await refusedWith(add("LOT-2"))).toMatchObject({ code: "units.other_content" });
  expect((await add("LOT-1")).body).toEqual({ added: 1, known: 1 });
});

test("the event of a list names what was registered, not what was known or left out", async () => {
  const rows = [
    { serial: "P0001" },
    ...["P0801", "P0802"].map((serial) => ({ serial, batch: "LOT-8" })),
    { serial: "P0100", batch: "LOT-1" },
  ];
  expect((await list(rows)).body).toMatchObject({ added: 2, known: 2 });
  const [event] = (await eventsOf(server.platform.db.sql, "units.added")).slice(-1);
  expect(event?.data).toEqual({
    added: 2,
    given: 4,
    first: "P0801",
    last: "P0802",
    boardRevision: null,
    batch: "LOT-8",
  });
});

test("a board revision that is too long says so, also where the product takes any", async () => {
  const serial = { serial: "SN700900", boardRevision: "R".repeat(21) };
  const { details } = await refusedWith(list([serial], false, server.seed.product));
  expect(details).toMatchObject([{ message: "A board revision has at most 20 characters." }]);
});

test("two lists with the same units at the same time take each once, or one is told what differs", async () => {
  const rows = (batch: string, up: boolean) => {
    const all = Array.from({ length: 50 }, (_, at) => ({ serial: `P${3000 + at}`, batch }));
    return up ? all : all.toReversed();
  };
  const same = await Promise.all([list(rows("A", true)), list(rows("A", false))]);
  expect(same.map(({ body }) => body.added).toSorted((a, b) => a - b)).toEqual([0, 50]);
  const other = rows("B", true).map(({ batch }, at) => ({ serial: `P${4000 + at}`, batch }));
  const changed = other.toReversed().map(({ serial }) => ({ serial, batch: "C" }));
  const codes = await Promise.all(
    [list(other), list(changed)].map((call) =>
      call.then(
        () => "taken",
        () => "refused",
      ),
    ),
  );
  expect(codes.toSorted()).toEqual(["refused", "taken"]);
});

test("a unit whose list names an order is flashed with no other one while that order is open", async () => {
  const { product, version } = server.seed;
  const order = { product, version, quantity: 5 };
  await engineer("addWorkOrder", { body: { number: "WO-L", ...order } });
  await list([{ serial: "SN700001", order: "WO-L" }], false, product);
  const scan = async () =>
    (await server.station()("preflight", { body: { serial: "SN700001", nest: "A" } })).body;
  expect(await scan()).toMatchObject({
    go: false,
    code: "preflight.other_order",
    parameters: { order: "WO-L" },
  });
  await engineer("setOrderStations", { params: { id: "WO-L" }, body: { stations: ["L3-01"] } });
  expect(await scan()).toMatchObject({ go: true, workOrder: "WO-L" });
  await engineer("closeWorkOrder", { params: { id: "WO-L" } });
  expect(await scan()).toMatchObject({ go: true, workOrder: "WO-1" });
});
