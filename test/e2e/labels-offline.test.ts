import { afterAll, beforeAll, expect, it } from "vitest";
import { printerText } from "../../apps/agent/src/labels/address.ts";
import { startZplPrinter, type ZplPrinter } from "../../apps/agent/src/labels/zpl-printer.ts";
import { addPlant, addRelease, firmware, LINE, PRODUCT, unitOf } from "./support/plant.ts";
import { type Rig, startRig, until } from "./support/rig.ts";
import { startStation, type TestStation } from "./support/station.ts";

const ZPL = "^XA^FO20,20^BCN,80^FD{serial}^FS^FO20,120^FD{release} {order} {station}^FS^XZ";
const printed = (serial: string): string =>
  `^XA^FO20,20^BCN,80^FD${serial}^FS^FO20,120^FD2.8.1 WO-9 L3-39^FS^XZ`;

let rig: Rig;
let printer: ZplPrinter;
let station: TestStation;
const reason = "for the test";

beforeAll(async () => {
  [rig, printer] = await Promise.all([startRig(), startZplPrinter()]);
  await addPlant(rig);
  await addRelease(rig, "2.8.1", 1, firmware(12_000, 1));
  const { body: products } = await rig.api("products", {});
  const id = products.find(({ name }) => name === PRODUCT)?.id ?? "";
  const label = { template: ZPL, scanBack: "{serial}", reason };
  await rig.api("setLabel", { params: { id }, body: label });
  await rig.api("setPlantGrants", { params: { id: "Graz" }, body: { hours: 1, units: 3, reason } });
  station = await startStation(rig, {
    name: "L3-39",
    line: LINE,
    printer: printerText(printer.address),
    order: { number: "WO-9", product: PRODUCT, version: "2.8.1", quantity: 20 },
  });
});
afterAll(async () => {
  await station?.close();
  await printer?.close();
  await rig?.close();
});

const seen = <T>(what: string, look: () => Promise<T | undefined> | T | undefined) =>
  until(what, look, 30_000, station.agentOutput);
const stageOf = async (nest: string): Promise<string | undefined> => {
  const now = await station.nest(nest);
  return now.state === "label" ? now.stage : undefined;
};
const atStage = (nest: string, stage: string) =>
  seen(`nest ${nest}'s label is at ${stage}`, async () =>
    (await stageOf(nest)) === stage ? true : undefined,
  );
const start = async (nest: string, serial: string): Promise<void> => {
  await station.tell("scan", { text: `FL-NEST-${nest}` });
  await station.tell("scan", { text: serial });
  await station.untilNest(nest, "ready");
  await station.tell("start", { nest });
};

it("labels are printed and scanned under a grant, outlive a killed agent, and are told of behind their results", async () => {
  await seen("a grant with the label is at hand", async () =>
    (await station.view()).grant?.left === 3 ? true : undefined,
  );
  await rig.stopServer("SIGKILL");

  await start("1", "MC2-900001");
  await atStage("1", "scan");
  expect(printer.jobs).toEqual([printed("MC2-900001")]);
  // Another unit passes meanwhile: its label waits, and so does the nest.
  await start("2", "MC2-900002");
  await atStage("2", "waiting");
  expect(printer.jobs).toHaveLength(1);
  await station.tell("scan", { text: "MC2-900001" });
  await atStage("2", "scan");
  expect(printer.jobs).toEqual([printed("MC2-900001"), printed("MC2-900002")]);

  // Printed, and not yet scanned when the agent dies: still without the server it is waited for, and not printed again.
  await station.endAgent("SIGKILL");
  await station.startAgent();
  await atStage("2", "scan");
  expect(printer.jobs).toHaveLength(2);
  expect(await station.view()).toMatchObject({ server: "away", queuedResults: 2 });
  // Once more, for a reason.
  await station.tell("scan", { text: "FL-NEST-2" });
  await station.tell("scan", { text: "FL-REPRINT" });
  await station.tell("scan", { text: "FL-WHY-DAMAGED" });
  await seen("the label is printed again", () => (printer.jobs.length === 3 ? true : undefined));
  await atStage("2", "scan");
  await station.tell("scan", { text: "MC2-900002" });
  await seen("the nest is done with its label", async () =>
    (await station.nest("2")).state === "label" ? undefined : true,
  );

  await rig.startServer();
  const told = (serial: string, ...deeds: readonly string[]) =>
    seen(`the server knows ${deeds.join(", ")} of ${serial}`, async () => {
      const unit = await unitOf(rig, serial);
      const known = (unit?.labels ?? []).map(({ deed }) => deed).reverse();
      return known.join() === deeds.join() ? unit : undefined;
    });
  const first = await told("MC2-900001", "printed", "scanned");
  const second = await told("MC2-900002", "printed", "reprint", "printed", "scanned");
  expect([first?.state, second?.state]).toEqual(["passed", "passed"]);
  expect(second?.labels?.find(({ deed }) => deed === "reprint")?.reason).toBe(
    "Damaged, or stuck on crooked",
  );
  expect(printer.jobs).toHaveLength(3);
  // One attempt each, which nobody has to look at.
  for (const unit of [first, second]) {
    expect(unit?.history).toHaveLength(1);
    const [{ id } = { id: "" }] = unit?.history ?? [];
    const { body } = await rig.api("attempt", { params: { id } });
    expect(body).toMatchObject({ outcome: "PASS", review: false, contradictions: [] });
  }
}, 180_000);
