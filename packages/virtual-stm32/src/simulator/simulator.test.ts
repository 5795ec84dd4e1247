import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DfuRequest } from "@flashline/dfu-core/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { SimError } from "../errors.ts";
import { CLASS_OUT } from "../usb/setup.ts";
import { parseScript } from "./script.ts";
import { createSimulator, type Simulator, type SimulatorOptions } from "./simulator.ts";

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});
const temporary = (): string => {
  const dir = mkdtempSync(join(tmpdir(), "flashline-sim-"));
  closers.push(() => rmSync(dir, { recursive: true }));
  return dir;
};
async function simulator(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const made = await createSimulator({ chip: "f407", units: 3, ...options });
  closers.push(() => made.close());
  return made;
}
const download = (
  made: Simulator,
  index: number,
  block: number,
  data: Uint8Array,
): string | undefined =>
  made.units[index]?.handleControl(
    {
      requestType: CLASS_OUT,
      request: DfuRequest.Dnload,
      value: block,
      index: 0,
      length: data.length,
    },
    data,
  ).kind;

describe("simulator", () => {
  it("gives each unit its own serial, except where the ROM gives all the same", async () => {
    const made = await simulator();
    expect(new Set(made.units.map(({ serial }) => serial)).size).toBe(3);
    const again = await simulator();
    expect(again.units.map(({ serial }) => serial)).toEqual(made.units.map(({ serial }) => serial));
    const same = await simulator({ chip: "f072" });
    expect(new Set(same.units.map(({ serial }) => serial))).toEqual(new Set(["FFFFFFFEFFFF"]));
  });

  it("takes commands and answers with JSON", async () => {
    const made = await simulator();
    expect(JSON.parse(made.command("unplug 2"))).toMatchObject({ unit: 2, mode: "absent" });
    expect(JSON.parse(made.command("plug 2"))).toMatchObject({
      mode: "bootloader",
      deviceNumber: 2,
    });
    const before = made.units[0]?.serial;
    expect(JSON.parse(made.command("replace 1"))["serial"]).not.toBe(before);
    expect(JSON.parse(made.command("replace 1 ABC"))).toMatchObject({ serial: "ABC" });
    expect(JSON.parse(made.command("power 3 off"))).toMatchObject({ mode: "absent" });
    expect(JSON.parse(made.command("plug 3"))).toMatchObject({ mode: "absent" });
    made.command("power 3 on");
    expect(made.units[2]?.backInMs).toBeGreaterThan(0);
    made.command("fault unplug=8:3");
    expect(made.command("status").split("\n")).toHaveLength(3);
    const wrong = ["unplug 9", "unplug x", "unplug 1 soon", "unplug 1 5 9", "plug 1 now", "plug"];
    for (const line of [...wrong, "power 1", "power", "fault nonsense", "explode", "toString 1"]) {
      expect(() => made.command(line)).toThrow(SimError);
    }
  });

  it("plays a script by time and by bytes", async () => {
    const script = join(temporary(), "script");
    writeFileSync(
      script,
      '# a comment\n{"atMs":5,"unit":1,"command":"unplug 10000"}\n\n{"afterBytes":5,"unit":2,"fault":"stall=1"}\n' +
        '{"atMs":5,"unit":3,"command":"power off"}\n',
    );
    await expect(simulator({ script, units: 2 })).rejects.toThrow(/no unit 3/);
    const made = await simulator({ script });
    for (const gone of [0, 2]) await expect.poll(() => made.units[gone]?.mode).toBe("absent");
    made.units[1]?.configure();
    made.units[1]?.handleControl({
      requestType: CLASS_OUT,
      request: DfuRequest.ClrStatus,
      value: 0,
      index: 0,
      length: 0,
    });
    expect(download(made, 1, 0, Uint8Array.of(0x21, 0, 0, 0, 8))).toBe("data");
    expect(download(made, 1, 0, Uint8Array.of(0x21, 0, 0, 0, 8))).toBe("stall");
    expect(made.units[1]?.counters.faults).toEqual({ stall: 1 });
  });

  it("writes flash contents and counters when it closes", async () => {
    const dumpDir = temporary();
    const made = await simulator({ units: 1, chip: "l072", dumpDir });
    made.units[0]?.flash.load(0x0800_0000, Uint8Array.of(1, 2, 3));
    await made.close();
    const flash = readFileSync(join(dumpDir, "unit-1.bin"));
    expect(flash.length).toBe(192 * 1024);
    expect([...flash.subarray(0, 4)]).toEqual([1, 2, 3, 0]);
    expect(JSON.parse(readFileSync(join(dumpDir, "unit-1.json"), "utf8"))).toMatchObject({
      part: "l072",
      illegal: [],
    });
  });

  it("opens one usbredir port for each unit and one USB/IP port for all", async () => {
    const made = await simulator({ usbipPort: 0, usbredirPort: 0 });
    expect(new Set([made.ports.usbip, ...made.ports.usbredir]).size).toBe(4);
  });

  it("says which port it cannot have, and which option is wrong", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    closers.push(() => void other.close());
    await expect.poll(() => other.address()).not.toBeNull();
    const address = other.address();
    const port = typeof address === "object" && address ? address.port : 0;
    await expect(createSimulator({ chip: "f407", units: 1, usbipPort: port })).rejects.toThrow(
      String(port),
    );
    await expect(createSimulator({ chip: "f407", units: 0 })).rejects.toThrow(/1 to 63/);
    await expect(createSimulator({ chip: "f407", units: 1, script: "/nowhere" })).rejects.toThrow(
      /script/,
    );
    await expect(createSimulator({ chip: "f407", units: 1, faults: ["stall:4"] })).rejects.toThrow(
      /no unit/,
    );
  });
});

describe("parseScript", () => {
  it.each([
    ["{", /line 1 is not JSON/],
    ["\n[]", /line 2 is not an object/],
    ['{"unit":0,"atMs":1,"fault":"stall"}', /"unit"/],
    ['{"unit":1,"fault":"stall"}', /"atMs" or "afterBytes"/],
    ['{"unit":1,"atMs":1,"fault":"nonsense"}', /NAME one of/],
    ['{"unit":1,"atMs":1,"command":"explode"}', /no known/],
    ['{"unit":1,"atMs":1,"command":"status"}', /no known/],
    ['\n{"unit":1,"atMs":1,"command":"unplug soon"}', /line 2: "soon" is not a time/],
    ['{"unit":1,"afterBytes":1,"command":"unplug 2 500"}', /line 1: .*too many/],
    ['{"unit":1,"atMs":1,"command":"powercycle 500"}', /line 1: "500"/],
    ['{"unit":1,"atMs":1,"command":"power of"}', /line 1: power "of": on or off/],
    ['{"unit":1,"atMs":1,"fault":"stall=5:2"}', /line 1: fault "stall=5:2:1"/],
  ])("refuses %j", (text, message) => {
    expect(() => parseScript(text)).toThrow(message);
  });
});
