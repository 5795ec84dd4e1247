import { createHash } from "node:crypto";
import { type LabelEntry, Recipe, viewRecipe } from "@flashline/contract";
import { signMinisig } from "@flashline/signing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newId } from "../ids.ts";
import { codeOf, lineOf, resultOf } from "../jobs/testing.ts";
import { eventsOf } from "../testing/events.ts";
import { SEED_NAMES } from "../testing/seed.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";

const ZPL = "^XA^FO20,20^BCN,80^FD{serial}^FS^FO20,120^FH^FD{variant} {number:hex4}^FS^XZ";
const ABLE = { abilities: ["labels"] };

let server: TestServer;
let replica: TestServer;
let engineer: TestClient;
let id: string;
beforeAll(async () => {
  server = await startTestServer();
  replica = await startTestServer({ replicaOf: server });
  engineer = await server.token("orders:write", "read");
  id = server.seed.productId;
  await useFields();
});
afterAll(async () => {
  await replica.close();
  await server.close();
});
beforeEach(() => set(null, null));

const set = (template: string | null, scanBack: string | null = null) =>
  engineer("setLabel", { params: { id }, body: { template, scanBack, reason: "for the box" } });
const preview = (serial: string, more: { template?: string; scanBack?: string | null } = {}) =>
  engineer("previewLabel", { params: { id }, body: { serial, ...more } });

/** A release of the seeded product and order that takes a number, a value and a secret. */
async function useFields(): Promise<void> {
  const { prisma } = server.platform.db;
  const place = (name: string, address: number, value: object, more: object = {}) => ({
    name,
    kind: "text",
    address,
    length: 16,
    value,
    ...more,
  });
  const fields = [
    place("number", 0x0800_0f00, { from: "range", range: "no" }, { kind: "uint", length: 4 }),
    place("variant", 0x0800_0f10, { from: "given" }),
    place("key", 0x0800_0f30, { from: "given" }, { secret: true }),
  ];
  const release = newId();
  const manifest = Buffer.from(JSON.stringify({ schema: 2, recipe: { patch: { fields } } }));
  const { keyId } = await prisma.signingKey.findFirstOrThrow();
  await prisma.release.create({
    data: {
      id: release,
      productId: id,
      version: "9.9.0",
      chip: "STM32F407",
      keyId,
      counter: 99,
      state: "released",
      check: "passed",
      manifest: new Uint8Array(manifest),
      manifestSha256: createHash("sha256").update(manifest).digest("hex"),
      signature: signMinisig(manifest, server.seed.secretKey, { trustedComment: "test" }),
      recipe: viewRecipe(Recipe.parse({ patch: { fields } })),
      createdBy: "test",
    },
  });
  await engineer("addRange", {
    body: { product: SEED_NAMES.product, name: "no", kind: "counter", first: 4660, last: 4999 },
  });
  await prisma.workOrder.updateMany({ data: { releaseId: release } });
}
const give = (serial: string) =>
  engineer("giveValues", {
    body: {
      product: SEED_NAMES.product,
      units: [{ serial, values: { variant: "EU^16" }, secrets: { key: "0451" } }],
    },
  });

/** A unit with its data that was flashed at the seeded station. */
async function flashed(serial: string, nest = "A") {
  await give(serial);
  const line = lineOf(server);
  await line.call("createJob", { body: { jobId: newId(), serial, nest, ...ABLE } });
  const job = await line.acquire(nest);
  if (job === null) return expect.fail("no job");
  const attempt = await line.start(job);
  await line.report(attempt, resultOf(attempt));
  return { job, attemptId: attempt.attemptId };
}

describe("the label of a product", () => {
  it("is set, shown and told in the ledger once; stations hear that there is one", async () => {
    const { sql } = server.platform.db;
    const before = (await eventsOf(sql, "product.label-set")).length;
    const { body } = await set(ZPL, "{serial}");
    expect(body).toMatchObject({ template: ZPL, scanBack: "{serial}" });
    expect(body.placeholders).toEqual(expect.arrayContaining(["serial", "date", "number"]));
    expect(body.placeholders).not.toContain("key");
    await set(ZPL, "{serial}");
    const events = (await eventsOf(sql, "product.label-set")).slice(before);
    expect(events).toMatchObject([
      {
        subjectName: SEED_NAMES.product,
        reason: "for the box",
        before: { template: null, scanBack: null },
        after: {
          template: {
            sha256: createHash("sha256").update(ZPL).digest("hex"),
            characters: ZPL.length,
          },
          scanBack: "{serial}",
        },
      },
    ]);
    const { body: setup } = await server.station()("setup", {});
    expect(setup.workOrders).toMatchObject([{ label: true }]);
  });

  it("is refused where it is no label, and where a unit could not fill it in", async () => {
    expect(await codeOf(set("^XA^FO{serial}^FS^XZ"))).toBe("label.template_invalid");
    expect(await codeOf(set("^XA^FD{colour}^FS^XZ"))).toBe("label.placeholder_unknown");
    expect(await codeOf(set("^XA^FD{key}^FS^XZ"))).toBe("label.placeholder_unknown");
    expect(await codeOf(set(ZPL, "{order}"))).toBe("label.template_invalid");
    expect(await codeOf(set(ZPL, "{serial}{key}"))).toBe("label.placeholder_unknown");
    expect(await codeOf(set(null, "{serial}"))).toBe("request.invalid");
    const nobody = { params: { id: newId() } };
    const body = { template: ZPL, scanBack: null, reason: "trial" };
    expect(await codeOf(engineer("setLabel", { ...nobody, body }))).toBe("request.not_found");
    expect(await codeOf(engineer("label", nobody))).toBe("request.not_found");
    const reader = await server.token("read");
    expect(await codeOf(reader("setLabel", { params: { id }, body }))).toBe("auth.forbidden");
    expect((await engineer("label", { params: { id } })).body.template).toBeNull();
  });

  it("is shown for an example, with what the unit has and what is made up", async () => {
    expect(await codeOf(preview("SN6001"))).toBe("request.invalid");
    const made = (await preview("sn6001", { template: ZPL, scanBack: "{serial}/{order}" })).body;
    expect(made).toEqual({
      zpl: "^XA^FO20,20^BCN,80^FDSN6001^FS^FO20,120^FH^FDVARIANT 0001^FS^XZ",
      code: "SN6001/WO-1",
      madeUp: ["variant", "number", "order"],
    });
    await give("SN6001");
    await set(ZPL);
    expect((await preview("SN6001")).body).toMatchObject({
      zpl: expect.stringContaining("^FDEU_5E16 0001^FS"),
      madeUp: ["number"],
    });
    const bare = preview("SN6001", { template: ZPL.replace("^FH", "") });
    expect(await codeOf(bare)).toBe("label.value_unprintable");
  });
});

describe("a unit of a product with a label", () => {
  it("goes only to agents that know labels, and the job brings it", async () => {
    await give("SN6011");
    const line = lineOf(server);
    const scan = { serial: "SN6011", nest: "A" };
    expect((await line.call("preflight", { body: scan })).body.go).toBe(true);
    await set(ZPL, "{serial}");
    for (const abilities of [undefined, [], ["application-serial"]]) {
      const body = { ...scan, ...(abilities === undefined ? {} : { abilities }) };
      expect((await line.call("preflight", { body })).body).toMatchObject({
        go: false,
        code: "release.agent_cannot",
        parameters: { ability: "labels" },
        message: expect.stringContaining("label"),
      });
      const order = line.call("createJob", { body: { ...body, jobId: newId() } });
      expect(await codeOf(order)).toBe("release.agent_cannot");
    }
    const { job } = await flashed("SN6011");
    expect(job.label).toEqual({ template: ZPL, scanBack: "{serial}" });
    expect(job.values).toMatchObject({ variant: "EU^16" });
    await set(null);
    expect((await flashed("SN6012")).job.label).toBeUndefined();
  });
});

describe("what became of a label", () => {
  const at = (n: number) => new Date(Date.UTC(2026, 10, 29, 12, 0, n)).toISOString();
  const entry = (
    n: number,
    deed: LabelEntry["deed"],
    more: Partial<LabelEntry> = {},
  ): LabelEntry => ({
    n,
    at: at(n),
    deed,
    reason: null,
    scanned: null,
    operator: null,
    ...more,
  });
  const report = (
    attemptId: string,
    entries: readonly LabelEntry[],
    on = server,
    station = server.seed.station,
  ) =>
    on.station(station)("reportLabel", {
      params: { id: attemptId },
      body: { entries: [...entries] },
    });
  const told = async (attemptId: string) =>
    (await eventsOf(server.platform.db.sql, "label.%")).filter(
      ({ subjectId }) => subjectId === attemptId,
    );

  it("is kept once, however often and on how many replicas it is told, and stands with the unit", async () => {
    const { attemptId } = await flashed("SN6021");
    const { body: mia } = await (await server.person("admin"))("addPerson", {
      body: { name: "mia", role: "operator", plant: null },
    });
    const history = [
      entry(0, "printed"),
      entry(1, "mixed", { scanned: "SN6020" }),
      entry(2, "reprint", { reason: "Cannot be scanned", operator: mia.id }),
      entry(3, "printed", { operator: newId() }),
      entry(4, "scanned"),
    ];
    const first = history.slice(0, 2);
    await Promise.all([report(attemptId, first), report(attemptId, first, replica)]);
    const answers = await Promise.all([
      report(attemptId, history),
      report(attemptId, history, replica),
      report(attemptId, first, replica),
    ]);
    expect(answers.slice(0, 2).map(({ body }) => body.entries)).toEqual([5, 5]);
    const events = await told(attemptId);
    expect(events.map(({ kind }) => kind)).toEqual([
      ...["label.printed", "label.mixed", "label.reprint", "label.printed", "label.scanned"],
    ]);
    expect(events[1]).toMatchObject({ who: "station L3-01", data: { scanned: "SN6020", n: 1 } });
    expect(events[2]).toMatchObject({ reason: "Cannot be scanned", data: { operator: mia.id } });
    // Somebody whom nobody knows.
    expect(events[3]).toMatchObject({ data: { operator: null } });
    const { body: found } = await engineer("units", { query: { search: "SN6021" } });
    const { body: unit } = await engineer("unit", { params: { id: found[0]?.id ?? "" } });
    expect(unit.labels?.map(({ deed }) => deed)).toEqual([
      ...["scanned", "printed", "reprint", "mixed", "printed"],
    ]);
    expect(unit.labels?.[2]).toMatchObject({ operator: "mia", reason: "Cannot be scanned" });
    const { body: dossier } = await engineer("dossier", { params: { id: found[0]?.id ?? "" } });
    expect(dossier.unit.labels).toHaveLength(5);
  });

  it("is refused of another station's attempt, with a gap, and where it changes what was told", async () => {
    const { attemptId } = await flashed("SN6031");
    const other = await server.addStation("L-9", 1);
    const once = [entry(0, "printed")];
    expect(await codeOf(report(attemptId, once, server, other))).toBe("result.attempt_unknown");
    expect(await codeOf(report(newId(), once))).toBe("result.attempt_unknown");
    expect(await codeOf(report(attemptId, [entry(1, "printed")]))).toBe("request.invalid");
    await report(attemptId, once);
    expect(await codeOf(report(attemptId, [entry(0, "no-printer")]))).toBe("request.conflict");
    expect(await told(attemptId)).toHaveLength(1);
  });
});
