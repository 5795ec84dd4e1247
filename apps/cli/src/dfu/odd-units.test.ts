import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createVirtualUnit,
  definePart,
  type PartDefinition,
  realClock,
  serveUsbIp,
  type VirtualUnit,
  type WireServer,
} from "@flashline/virtual-stm32";
import { afterAll, afterEach, expect, it } from "vitest";
import { runCommand } from "../testing.ts";

/** Units whose descriptors are odd, as reports from the field have them, through the commands of the desk. */
const folder = mkdtempSync(join(tmpdir(), "flashline-odd-units-"));
const path = (name: string) => join(folder, name);
const IMAGE = Buffer.from(Array.from({ length: 12_000 }, (_, at) => (at * 7 + (at >> 8)) & 0xff));
writeFileSync(path("firmware.bin"), IMAGE);
const F4: PartDefinition["sectors"] = [
  [4, 16_384],
  [1, 65_536],
  [7, 131_072],
];

let server: WireServer | undefined;
afterEach(() => server?.close());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The unit, and the tool's `dfu` on it. */
async function served(definition: PartDefinition) {
  const unit = createVirtualUnit({
    part: definePart(definition),
    clock: realClock(),
    timing: "none",
    serial: "S1",
  });
  server = await serveUsbIp({ units: [unit], port: 0 });
  const at = ["--usbip", `127.0.0.1:${server.port}/1-1`];
  const dfu = (...words: string[]) =>
    runCommand(["dfu", ...words, ...at], { XDG_STATE_HOME: folder });
  return { unit, dfu };
}
const flash = ["flash", path("firmware.bin")];
const holds = (unit: VirtualUnit, address: number) =>
  Buffer.from(unit.flash.read(address, IMAGE.length).data).equals(IMAGE);

it("a run of 0 sectors is skipped, and the rest is flashed and read", async () => {
  const { unit, dfu } = await served({
    family: "H7",
    base: 0x9000_0000,
    sectors: [[256, 8192]],
    alternates: ["@External Flash /0x90000000/111*8Kg,16*8Kg,1*8Kg,128*8Kg,0*8Ka"],
  });
  expect((await dfu(...flash, "--address", "0x90000000")).exit).toBe(0);
  expect(holds(unit, 0x9000_0000)).toBe(true);
  const range = ["--address", "0x90000000", "--length", String(IMAGE.length)];
  expect((await dfu("read", path("back.bin"), ...range)).exit).toBe(0);
  expect(readFileSync(path("back.bin")).equals(IMAGE)).toBe(true);
});

it("an empty flash string is named; the file is not blamed, and protection could not be told", async () => {
  const { unit, dfu } = await served({
    family: "F4",
    sectors: F4,
    alternates: ["", "@Option Bytes  /0x1FFFC000/01*016 e"],
    extra: [
      {
        kind: "options",
        base: 0x1fff_c000,
        size: 16,
        content: [255, 170, 255, 255, 255, 255, 255, 255, 255, 15],
      },
    ],
  });
  const refused = await dfu(...flash, "--json");
  expect(refused.exit).toBe(1);
  const last: unknown = JSON.parse(refused.out.trim().split("\n").at(-1) ?? "");
  expect(last).toMatchObject({ outcome: "FAIL", blame: "unit" });
  expect(refused.out).toMatch(/alternate 0/);
  expect((await dfu("info")).out).toMatch(/could not be told/);
  expect(unit.counters).toMatchObject({ erases: 0, programs: 0 });
});

it("a unit with smaller pages than it announces is blamed, with its status, and the link is not", async () => {
  const { unit, dfu } = await served({
    family: "L4",
    sectors: [[64, 1024]],
    transferSize: 1024,
    alternates: ["@Internal Flash   /0x08000000/30*002Kg"],
  });
  unit.flash.load(0x0800_0000, new Uint8Array(16_384));
  const run = await dfu(...flash, "--json");
  expect(run.exit).toBe(1);
  const last: unknown = JSON.parse(run.out.trim().split("\n").at(-1) ?? "");
  expect(last).toMatchObject({ outcome: "FAIL", blame: "unit", linkIncident: false });
  expect(run.out).toMatch(/"detail":"[^"]*err[A-Z]+/);
});

it("two memories at 0 are refused as ambiguous, and --alt decides", async () => {
  const { unit, dfu } = await served({
    family: "F2",
    sectors: F4,
    base: 0,
    transferSize: 4096,
    usb: { vendorId: 0x2b04, productId: 0xd058 },
    alternates: [
      "@Internal Flash   /0x08000000/03*016Ka,01*016Kg,01*064Kg,07*128Kg",
      "@DCT Flash   /0x00000000/01*016Kg",
      "@Serial Flash   /0x00000000/256*004Kg",
    ],
  });
  const device = ["--device", "2b04:d058", "--address", "0"];
  const refused = await dfu(...flash, ...device);
  expect(refused.exit).toBe(2);
  expect(refused.error).toMatch(
    /alternate 1, DCT Flash; alternate 2, Serial Flash.*which alternate is meant/,
  );
  expect(unit.counters).toMatchObject({ erases: 0, downloads: 0 });
  expect((await dfu(...flash, ...device, "--alt", "1")).exit).toBe(0);
  expect(holds(unit, 0)).toBe(true);
});
