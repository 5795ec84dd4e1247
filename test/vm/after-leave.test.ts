// The unit is what its label says, over the real kernel: the application's serial, as sysfs has it, decides PASS or FAIL. The agent runs
// in the guest, its unit behind an emulated controller; a second unit comes over USB/IP.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { NestView } from "@flashline/contract";
import {
  createVirtualUnit,
  partByName,
  type ShownApplication,
  scaledClock,
  serveUsbIp,
  serveUsbRedir,
} from "@flashline/virtual-stm32";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleWhole } from "../../scripts/bundle.mjs";
import { startAgent } from "./harness/agent.ts";
import { firmware } from "./harness/images.ts";
import { bootMachine, type Machine } from "./harness/machine.ts";
import { type ServerProcess, startServer } from "./harness/plant.ts";
import { ControllerModel } from "./harness/usb.ts";
import { attachUsbIp } from "./harness/usbip.ts";

const image = firmware(6000, 7);
const [GOOD, SWAPPED, IN_NEST, NAMELESS, SILENT] = [
  ...["SN-000001", "SN-000002", "SN-000003", "SN-000004", "SN-000005"],
] as const;
const showing = (serial: string): ShownApplication => ({
  vendorId: 0x0483,
  productId: 0x5740,
  serial: serial === "" ? { kind: "none" } : { kind: "text", text: serial },
});

let machine: Machine;
let server: ServerProcess;
const wires: { close(): Promise<void> }[] = [];
const parts = { part: partByName("f072"), clock: scaledClock(1), timing: "none" } as const;
const unit = createVirtualUnit({ ...parts, application: showing("P000001") });
/** Its application has the serial where the image has these letters. */
const AT = 0x0800_1000;
const overUsbIp = createVirtualUnit({
  ...parts,
  application: { ...showing(""), serial: { kind: "flash", address: AT, length: 16 } },
});
let usbipPort = 0;
let operator = "";
let units = "";
let flashline = "";

beforeAll(async () => {
  const agentProgram = await bundleWhole("apps/agent", "src/main.ts", "agent");
  operator = await bundleWhole("test", "vm/guest/operator.ts", "operator");
  units = await bundleWhole("test", "vm/guest/units.ts", "units");
  flashline = await bundleWhole("apps/cli", "src/main.ts", "flashline");
  const boot = async () => {
    const redirected = await serveUsbRedir({ unit, port: 0 });
    const usbip = await serveUsbIp({ units: [overUsbIp], port: 0 });
    wires.push(redirected, usbip);
    usbipPort = usbip.port;
    machine = await bootMachine({
      redirected: [{ port: redirected.port, controller: ControllerModel.Nec, rootPort: 3 }],
    });
  };
  const serve = async () => {
    server = await startServer();
  };
  await Promise.all([boot(), serve()]);
  const { call } = server;
  await call("addPlant", { body: { name: "Graz", timeZone: "Europe/Vienna" } });
  await call("addLine", { body: { name: "L1", plant: "Graz" } });
  const enrollment = await call("addStation", { body: { name: "L1-01", line: "L1" } });
  await call("addProduct", { body: { name: "U2C", chip: "STM32F072" } });
  const serials = [GOOD, SWAPPED, IN_NEST, NAMELESS, SILENT];
  await call("addUnits", { body: { product: "U2C", batch: "B1", serials } });
  const serial = { from: "serial", pattern: "SN-([0-9]{6})", text: "P{1}" };
  await server.release({
    product: "U2C",
    chip: "STM32F072",
    version: "1.0.0",
    counter: 1,
    name: "u2c.bin",
    image,
    recipe: { expectAfterLeave: { show: "0483:5740", serial, withinSeconds: 8 } },
  });
  await call("addWorkOrder", {
    body: { number: "WO-1", product: "U2C", version: "1.0.0", quantity: 5, stations: ["L1-01"] },
  });
  await startAgent(machine, server, agentProgram, enrollment.body.token);
});

afterAll(async () => {
  await machine?.stop();
  for (const wire of wires) await wire.close();
  await server?.stop();
});

/** Scan, start and wait for the verdict, with the unit that is in the nest. */
async function verdictOn(serial: string) {
  const lines = await machine.check(`node ${operator} ${serial}`, { seconds: 120 });
  const last = lines.trim().split("\n").at(-1) ?? "{}";
  const log = await readFile(join(machine.folder, "agent.log"), "utf8");
  return { nest: NestView.parse(JSON.parse(last)), log };
}
async function attemptOn(serial: string) {
  const attempts = async () =>
    (await server.call("attempts", { query: {} })).body.filter((one) => one.serial === serial);
  await expect.poll(attempts, { timeout: 60_000 }).toMatchObject([{ outcome: expect.any(String) }]);
  const [attempt] = await attempts();
  return (await server.call("attempt", { params: { id: attempt?.id ?? "" } })).body;
}
/** Takes the unit out and plugs in another one, blank, with this application. A FAIL of the one before was seen. */
async function swapFor(application: ShownApplication | undefined): Promise<void> {
  unit.unplug();
  await new Promise((resolve) => setTimeout(resolve, 4000));
  unit.replace();
  unit.showApplication(application);
  await machine.check(
    "curl -s -X POST -H 'content-type: application/json' -d '{\"nest\":\"A\"}' http://127.0.0.1:8371/api/acknowledge",
  );
}

test("the serial that the release derives from the scanned one is a PASS, and is kept", async () => {
  const { nest, log } = await verdictOn(GOOD);
  expect(nest, log).toMatchObject({ state: "pass", serial: GOOD });
  expect(await attemptOn(GOOD)).toMatchObject({
    outcome: "PASS",
    virtual: false,
    incidents: [],
    application: { expected: "P000001", serial: "P000001", ids: "0483:5740" },
  });
});

test("a unit that was swapped after the scan is found, and put on hold", async () => {
  await swapFor(showing("P000003"));
  const { nest, log } = await verdictOn(SWAPPED);
  expect(nest, log).toMatchObject({ state: "fail", refusal: { code: "leave.other_serial" } });
  expect(await attemptOn(SWAPPED)).toMatchObject({
    outcome: "FAIL",
    code: "leave.other_serial",
    blame: "operator",
    application: { expected: "P000002", serial: "P000003", ids: "0483:5740" },
  });
  const { body: holds } = await server.call("holds", { query: { kind: "unit", serial: IN_NEST } });
  expect(holds).toMatchObject([
    { origin: "guard", reason: expect.stringContaining(`flashed as ${SWAPPED}`) },
  ]);
});

test("an application without a serial is no PASS, and none at all is another failure", async () => {
  await swapFor(showing(""));
  const nameless = await verdictOn(NAMELESS);
  expect(nameless.nest, nameless.log).toMatchObject({
    state: "fail",
    refusal: { code: "leave.no_serial" },
  });
  await swapFor(undefined);
  const { nest, log } = await verdictOn(SILENT);
  expect(nest, log).toMatchObject({ state: "fail", refusal: { code: "leave.not_seen" } });
  expect(unit.illegal).toEqual([]);
});

test("over USB/IP the kernel shows the serial that was flashed", async () => {
  const labelled = Buffer.from(image);
  Buffer.from("SN-000077\0").copy(labelled, AT - 0x0800_0000);
  await writeFile(join(machine.folder, "labelled.bin"), labelled);
  const [path = ""] = await attachUsbIp(machine, usbipPort, ["1-1"]);
  const on = async () => JSON.parse(await machine.check(`node ${units} on ${path}`));
  expect(await on()).toMatchObject({ kind: "bootloader", productId: 0xdf11 });
  await machine.check(`node ${flashline} dfu flash /vm/labelled.bin --path ${path} --leave`);
  await expect.poll(() => overUsbIp.onBus && overUsbIp.mode).toBe("application");
  await expect.poll(on, { timeout: 60_000 }).toBe("nothing");
  const [again] = await attachUsbIp(machine, usbipPort, ["1-1"]);
  expect(again).toBe(path);
  expect(await on()).toMatchObject({
    kind: "application",
    vendorId: 0x0483,
    productId: 0x5740,
    serial: "SN-000077",
  });
  expect(overUsbIp.illegal).toEqual([]);
});
