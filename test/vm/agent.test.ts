// The main job where it happens: `flashline-agent` in the guest, on the kernel's USB, against a `flashline-server` on the host. The
// released file has data EEPROM, so a station writes both memories of the unit.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { NestView } from "@flashline/contract";
import { encodeHex } from "@flashline/dfu-core/image";
import {
  createVirtualUnit,
  partByName,
  scaledClock,
  serveUsbRedir,
} from "@flashline/virtual-stm32";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleWhole } from "../../scripts/bundle.mjs";
import { startAgent } from "./harness/agent.ts";
import { firmware } from "./harness/images.ts";
import { bootMachine, type Machine } from "./harness/machine.ts";
import { type ServerProcess, startServer } from "./harness/plant.ts";
import { ControllerModel } from "./harness/usb.ts";

const image = firmware(6000, 7);
const EEPROM = 0x0808_0000;
const calibration = Buffer.from("odd-sized calibration");
const BEFORE_IT = 5;
const file = Buffer.from(
  encodeHex({
    segments: [
      { address: 0x0800_0000, data: image },
      { address: EEPROM + BEFORE_IT, data: calibration },
    ],
  }),
);
const SERIAL = "SN-000001";

let machine: Machine;
let server: ServerProcess;
let wire: { close(): Promise<void> };
const unit = createVirtualUnit({
  part: partByName("l072"),
  clock: scaledClock(1),
  timing: "none",
});
/** What the EEPROM holds before: bytes beside the image stay. */
const before = firmware(6144, 11);
unit.eeprom?.load(EEPROM, before);
let operator = "";

beforeAll(async () => {
  const bundled = await bundleWhole("apps/agent", "src/main.ts", "agent");
  operator = await bundleWhole("test", "vm/guest/operator.ts", "operator");
  const boot = async () => {
    const server = await serveUsbRedir({ unit, port: 0 });
    wire = server;
    const { port } = server;
    machine = await bootMachine({
      redirected: [{ port, controller: ControllerModel.Nec, rootPort: 3 }],
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
  await call("addProduct", { body: { name: "U2C", chip: "STM32L072" } });
  await call("addUnits", { body: { product: "U2C", batch: "B1", serials: [SERIAL] } });
  const release = { product: "U2C", chip: "STM32L072", version: "1.0.0", counter: 1 };
  await server.release({ ...release, name: "u2c.hex", image: file });
  await call("addWorkOrder", {
    body: { number: "WO-1", product: "U2C", version: "1.0.0", quantity: 1, stations: ["L1-01"] },
  });

  await startAgent(machine, server, bundled, enrollment.body.token);
});

afterAll(async () => {
  await machine?.stop();
  await wire?.close();
  await server?.stop();
});

test("scan, start, flash, PASS", async () => {
  const lines = await machine.check(`node ${operator} ${SERIAL}`, { seconds: 120 });
  const nests = lines
    .trim()
    .split("\n")
    .map((line) => NestView.parse(JSON.parse(line)));
  const log = await readFile(join(machine.folder, "agent.log"), "utf8");
  expect(nests.at(-1), log).toMatchObject({ state: "pass", serial: SERIAL, refusal: null });
  const states = nests.map(({ state }) => state);
  expect(states).toEqual(expect.arrayContaining(["present", "ready", "busy", "pass"]));
});

test("the result stands at the server, with the host that it came from", async () => {
  const attempts = async () => (await server.call("attempts", { query: {} })).body;
  await expect.poll(attempts, { timeout: 60_000 }).toHaveLength(1);
  const [attempt] = await attempts();
  const { body } = await server.call("attempt", { params: { id: attempt?.id ?? "" } });
  expect(body.incidents).toEqual([]);
  expect(body).toMatchObject({
    outcome: "PASS",
    serial: SERIAL,
    linkIncident: false,
    virtual: false,
    bytes: image.length + calibration.length,
  });
  expect(body.controller).toContain("1033:0194");
  const hosts = (await server.call("hosts", {})).body;
  expect(JSON.stringify(hosts)).toContain("1033:0194");
});

test("the unit holds the released image in both memories, and beside it what it held", () => {
  expect(Buffer.compare(unit.flash.snapshot().subarray(0, image.length), image)).toBe(0);
  const wanted = Buffer.from(before);
  calibration.copy(wanted, BEFORE_IT);
  expect(Buffer.compare(unit.eeprom?.snapshot() ?? Buffer.of(), wanted)).toBe(0);
  expect(unit.illegal).toEqual([]);
});
