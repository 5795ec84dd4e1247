import { createHash } from "node:crypto";
import { Recipe, viewRecipe } from "@flashline/contract";
import { signMinisig } from "@flashline/signing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "../ids.ts";
import { codeOf, LINK_FAILURE, lineOf, resultOf } from "../jobs/testing.ts";
import { SEED_NAMES } from "../testing/seed.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";
import { waitingFor } from "../testing/waiting.ts";

const SECRET = "5ec2e7c0ffee5ec2e7c0ffee5ec2e7c0";
const field = (name: string, address: number, value: object, more: object = {}) => ({
  name,
  kind: "uint",
  address,
  length: 4,
  value,
  ...more,
});
const FIELDS = [
  field("number", 0x0800_0f00, { from: "range", range: "number" }),
  field("mac", 0x0800_0f10, { from: "range", range: "mac" }, { kind: "bytes", length: 6 }),
  field("variant", 0x0800_0f20, { from: "given" }, { kind: "text" }),
  field("key", 0x0800_0f30, { from: "given" }, { kind: "bytes", length: 16, secret: true }),
];

let server: TestServer;
let replica: TestServer;
let engineer: TestClient;
beforeAll(async () => {
  server = await startTestServer();
  replica = await startTestServer({ replicaOf: server });
  engineer = await server.token("orders:write", "read");
  await useRecipe(FIELDS);
});
afterAll(async () => {
  await replica.close();
  await server.close();
});

/** From now on the seeded work order flashes a release with these fields. */
async function useRecipe(fields: readonly object[]): Promise<void> {
  const { prisma } = server.platform.db;
  const id = newId();
  const manifest = Buffer.from(JSON.stringify({ schema: 2, recipe: { patch: { fields } }, id }));
  const { keyId } = await prisma.signingKey.findFirstOrThrow();
  await prisma.release.create({
    data: {
      id,
      productId: server.seed.productId,
      version: id,
      chip: "STM32F407",
      keyId,
      counter: (await prisma.release.count()) + 1,
      state: "released",
      check: "passed",
      manifest: new Uint8Array(manifest),
      manifestSha256: createHash("sha256").update(manifest).digest("hex"),
      signature: signMinisig(manifest, server.seed.secretKey, { trustedComment: "test" }),
      recipe: viewRecipe(Recipe.parse({ patch: { fields } })),
      createdBy: "test",
    },
  });
  await prisma.workOrder.updateMany({ data: { releaseId: id } });
}

const { product } = SEED_NAMES;
const range = (name: string, first: number, last: number, kind: "counter" | "mac" = "counter") =>
  engineer("addRange", { body: { product, name, kind, first, last } });
const give = (serial: string, values: Record<string, string>, secrets: Record<string, string>) =>
  engineer("giveValues", { body: { product, units: [{ serial, values, secrets }] } });
const giveAll = (serial: string) => give(serial, { variant: "EU" }, { key: SECRET });
async function preflight(serial: string, nest = "A"): Promise<string> {
  const { body } = await lineOf(server).call("preflight", { body: { serial, nest } });
  return body.go ? "go" : body.code;
}
const leftOf = async (name: string) => {
  const { body } = await engineer("ranges", { query: { product } });
  return body.filter((each) => each.name === name).reduce((sum, { left }) => sum + left, 0);
};

test("a unit whose data is not there is refused at its scan, each with what is missing", async () => {
  expect(await preflight("SN3001")).toBe("values.missing");
  await give("SN3001", { variant: "EU", key: SECRET }, {});
  expect(await preflight("SN3001")).toBe("values.missing");
  await give("sn3001", {}, { key: SECRET });
  expect(await preflight("SN3001")).toBe("values.range_missing");
  await range("number", 100, 101);
  await range("mac", 0x70b3_d512_3000, 0x70b3_d512_3fff, "mac");
  expect(await preflight("SN3001")).toBe("go");
  expect(await leftOf("number")).toBe(2);
});

test("stretches do not overlap: of one name in a product, and of MAC addresses anywhere", async () => {
  expect((await range("number", 100, 101)).body.left).toBe(2);
  expect(await codeOf(range("number", 101, 300))).toBe("values.range_overlap");
  expect((await range("batch", 100, 101)).body.left).toBe(2);
  const other = { name: "FAN-2", chip: "STM32F407", serialPattern: "FAN[0-9]+" };
  await engineer("addProduct", { body: other });
  const inOther = (kind: "mac" | "counter", first: number) =>
    engineer("addRange", {
      body: { product: other.name, name: "mac", kind, first, last: first + 9 },
    });
  expect(await codeOf(inOther("mac", 0x70b3_d512_2ffe))).toBe("values.range_overlap");
  expect(await codeOf(inOther("counter", 0x70b3_d512_2ffe))).toBe("accepted");
  expect(await codeOf(range("number", 5, 4))).toBe("request.invalid");
});

test("a unit keeps its numbers through failed and cancelled jobs; only a job takes one", async () => {
  const line = lineOf(server);
  const first = await line.lease("SN3001");
  expect(first.values).toEqual({ number: "100", mac: String(0x70b3_d512_3000), variant: "EU" });
  expect(first.secrets).toEqual({ key: SECRET });
  const attempt = await line.start(first);
  await line.report(attempt, resultOf(attempt, { ...LINK_FAILURE }));
  const again = await line.lease("SN3001");
  expect([again.values, again.secrets]).toEqual([first.values, first.secrets]);
  await line.call("cancelJob", {
    params: { id: again.jobId },
    body: { epoch: again.epoch, code: "attempt.cancelled", message: "" },
  });
  expect((await line.lease("SN3001")).values).toEqual(first.values);
  expect(await leftOf("number")).toBe(1);
});

test("what is used up is refused, and another stretch goes on with it", async () => {
  const line = lineOf(server);
  for (const serial of ["SN3002", "SN3003"]) await giveAll(serial);
  expect((await line.lease("SN3002", "B")).values["number"]).toBe("101");
  expect(await preflight("SN3003", "C")).toBe("values.range_used_up");
  expect(await codeOf(line.order("SN3003", "C"))).toBe("values.range_used_up");
  await range("number", 7000, 7999);
  expect((await line.lease("SN3003", "C")).values["number"]).toBe("7000");
});

test("units ordered at the same time at eight stations on two replicas never share a number", async () => {
  const eight = Array.from({ length: 8 }, (_, i) => i);
  const stations = await Promise.all(eight.map((i) => server.addStation(`R-${i}`, 4)));
  const serials = Array.from({ length: 32 }, (_, i) => `SN${4000 + i}`);
  await Promise.all(serials.map(giveAll));
  const before = await leftOf("number");
  await Promise.all(
    serials.map((serial, i) => {
      const station = stations[i % 8] ?? server.seed.station;
      const nest = station.nests[Math.floor(i / 8)]?.name ?? "";
      return lineOf(i % 2 === 0 ? server : replica, station).order(serial, nest);
    }),
  );
  const rows = await server.platform.db.sql.query<{ name: string; value: string }>(
    `SELECT n.name, n.value FROM unit_number n JOIN unit u ON u.id = n.unit_id
      WHERE u.serial LIKE 'SN40__'`,
  );
  for (const name of ["number", "mac"]) {
    const values = rows.filter((row) => row.name === name).map(({ value }) => value);
    expect([values.length, new Set(values).size]).toEqual([32, 32]);
  }
  expect(await leftOf("number")).toBe(before - 32);
});

test("the last numbers of two stretches go to as many units, however many ask at once", async () => {
  const few = field("few", 0x0800_0f40, { from: "range", range: "few" });
  await useRecipe([few]);
  await range("few", 1, 4);
  await range("few", 10, 15);
  const sixteen = Array.from({ length: 16 }, (_, i) => i);
  const stations = await Promise.all(sixteen.map((i) => server.addStation(`F-${i}`, 1)));
  const codes = await Promise.all(
    stations.map((station, i) =>
      codeOf(lineOf(i % 2 === 0 ? server : replica, station).order(`SN${6000 + i}`)),
    ),
  );
  expect(codes.toSorted()).toEqual([
    ...Array<string>(10).fill("accepted"),
    ...Array<string>(6).fill("values.range_used_up"),
  ]);
  const rows = await server.platform.db.sql.query<{ value: string }>(
    "SELECT value FROM unit_number WHERE name = 'few' ORDER BY value",
  );
  expect(rows.map(({ value }) => Number(value))).toEqual([1, 2, 3, 4, 10, 11, 12, 13, 14, 15]);
  await useRecipe(FIELDS);
});

/** Every row of every table, as text; bytes as PostgreSQL prints them. */
async function wholeDatabase(): Promise<string> {
  const { sql } = server.platform.db;
  const tables = await sql.query<{ name: string }>(
    "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
  );
  const rows = await Promise.all(
    tables.map(({ name }) => sql.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`)),
  );
  return rows.flatMap((table) => table.map(({ row }) => row)).join("\n");
}

test("a secret is never in the database as it is, and gone after PASS or its time", async () => {
  const line = lineOf(server);
  await giveAll("SN3101");
  await giveAll("SN3102");
  const asBytes = Buffer.from(SECRET).toString("hex");
  const dump = await wholeDatabase();
  expect(dump).toContain("SN3101");
  expect(dump.includes(SECRET) || dump.includes(asBytes)).toBe(false);
  const left = async (serial: string) => {
    const [row] = await server.platform.db.sql.query<{ n: number }>(
      "SELECT count(*)::int AS n FROM unit_secret s JOIN unit u ON u.id = s.unit_id WHERE u.serial = $1",
      [serial],
    );
    return row?.n;
  };
  const { job } = await line.flash("SN3101", {}, "D");
  expect(await left("SN3101")).toBe(0);
  expect(await codeOf(giveAll("SN3101"))).toBe("values.settled");
  const { body: found } = await engineer("units", { query: { search: "SN3101" } });
  const unit = await engineer("unit", { params: { id: found[0]?.id ?? "" } });
  expect(unit.body.values).toMatchObject([
    { name: "mac", source: "range" },
    { name: "number", source: "range" },
    { name: "variant", value: "EU", source: "given" },
  ]);
  expect(job.dirty).toBe(false);

  await server.platform.db.sql.execute("UPDATE unit_secret SET expires_at = now()");
  expect(await preflight("SN3102", "D")).toBe("values.missing");
});

/** Runs `work` while nothing can write the table, and lets the writers on as soon as each of them waits or is done. */
async function heldUp<T>(table: string, work: readonly (() => Promise<T>)[]): Promise<T[]> {
  const { db } = server.platform;
  let done = 0;
  const running: Promise<T>[] = [];
  await db.transaction(async (tx) => {
    await tx.execute(`LOCK TABLE ${table} IN EXCLUSIVE MODE`);
    for (const each of work) {
      running.push(each().finally(() => done++));
      await expect
        .poll(async () => done + (await waitingFor(tx)), { timeout: 10_000 })
        .toBe(running.length);
    }
  });
  return await Promise.all(running);
}

test("values and an order at the same time: the unit takes what the server shows, whoever is first", async () => {
  const line = lineOf(server, await server.addStation("V-0", 2));
  await range("number", 8000, 8999);
  for (const serial of ["SN3201", "SN3202"]) await giveAll(serial);
  const give2 = (serial: string) => codeOf(give(serial, { variant: "US" }, {}));
  const lease = async (serial: string) => (await line.lease(serial, "B")).values["variant"];

  const orderFirst = [() => codeOf(line.order("SN3201", "A")), () => give2("SN3201")];
  expect(await heldUp("number_range", orderFirst)).toEqual(["accepted", "values.settled"]);
  const job = await line.acquire("A");
  expect(job?.values["variant"]).toBe("EU");
  const body = { epoch: job?.epoch ?? 0, code: "attempt.cancelled", message: "" };
  await line.call("cancelJob", { params: { id: job?.jobId ?? "" }, body });

  const giveFirst = [() => give2("SN3202"), () => lease("SN3202")];
  expect(await heldUp("unit_value", giveFirst)).toEqual(["accepted", "US"]);
});

test("a thousand units are given what they take in one go, and none twice", async () => {
  const units = Array.from({ length: 1000 }, (_, i) => ({
    serial: `SN${9000 - i}`,
    values: { variant: `V${i}`, other: "1" },
    secrets: { key: SECRET },
  }));
  await engineer("giveValues", { body: { product, units } });
  const [row] = await server.platform.db.sql.query(
    `SELECT count(*)::int AS n, count(DISTINCT v.value)::int AS "values", (SELECT count(*)::int FROM unit_secret s
        JOIN unit su ON su.id = s.unit_id WHERE su.serial BETWEEN 'SN8001' AND 'SN9000') AS secrets
       FROM unit_value v JOIN unit u ON u.id = v.unit_id
      WHERE u.serial BETWEEN 'SN8001' AND 'SN9000' AND v.name = 'variant'`,
  );
  expect(row).toEqual({ n: 1000, values: 1000, secrets: 1000 });
  const twice = ["SN3301", "SN3302", "sn3301"].map((serial) => ({
    serial,
    values: {},
    secrets: {},
  }));
  expect(await codeOf(engineer("giveValues", { body: { product, units: twice } }))).toBe(
    "request.invalid",
  );
  const stored = await engineer("units", { query: { search: "SN330" } });
  expect(stored.body).toEqual([]);
});
