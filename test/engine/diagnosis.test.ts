import { ENGINE_CODES, explain } from "@flashline/dfu-core";
import { definePart, FAULT_NAMES, parseFault, partByName } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { bench, imageAt, pattern } from "./bench.ts";

const DATA = pattern(300);
const image = imageAt(DATA);
const BEFORE = pattern(384, 9);
const h7 = definePart({ family: "H7", sectors: [[6, 64]], transferSize: 32 });

/**
 * Every fault that a virtual unit knows, for good and for a while: the one code it ends with and its blame, or what keeps the
 * attempt a link incident although it passed.
 */
const CASES: readonly (readonly [string, string, string])[] = [
  ["stall=always", "link.stall", "host"],
  ["stall=5", "PASS", "link.stall"],
  ["lost-setup=always", "link.timeout", "host"],
  ["lost-setup=17", "PASS", "link.timeout"],
  ["lost-data=always", "link.desync", "host"],
  ["lost-data=22", "PASS", "link.data_lost"],
  ["lost-ack=always", "link.timeout", "host"],
  ["lost-ack=20", "PASS", "link.timeout"],
  ["lost-status=always", "link.timeout", "host"],
  ["lost-status=33", "PASS", "link.timeout"],
  ["silent-drop=always", "flash.silent_drop", "unit"],
  ["silent-drop=4", "PASS", "link.data_lost"],
  ["false-vendor=always", "protection.not_proven", "host"],
  ["false-vendor=3", "PASS", "link.false_status"],
  ["false-target=always", "flash.address_refused", "unit"],
  ["false-target=4", "PASS", "link.false_status"],
  ["bit-flip=always", "flash.verify_mismatch", "unit"],
  ["bit-flip=3", "PASS", "link.data_lost"],
  ["busy-wedge=never@2", "link.busy_wedge", "host"],
  ["busy-wedge=reset@3", "PASS", "link.bus_reset"],
  ["slow-busy=100", "PASS", "link.slow_busy"],
  ["slow-busy=1000000", "link.busy_wedge", "host"],
  ["bank2-wedge", "PASS", "link.busy_wedge"],
  ["bank2-early", "PASS", ""],
  ["write-protect=1", "flash.write_protected", "unit"],
  ["write-protect=0", "flash.write_protected", "unit"],
  ["read-protect=1", "protection.read", "unit"],
  ["read-protect=2", "link.lost", "host"],
  ["unplug=100", "link.lost", "host"],
  ["unplug=100@500", "PASS", "link.reenumerated"],
  ["swap=100@800", "device.other", "operator"],
  ["power-cut=150", "link.lost", "host"],
  ["power-cut=150@900", "PASS", "link.reenumerated"],
  ["erase-cut=2", "link.lost", "host"],
  ["erase-cut=2@900", "PASS", "link.reenumerated"],
  ["reboot=150", "PASS", "link.reenumerated"],
  ["erase-cut=1@900", "PASS", "link.reenumerated"],
  ["stuck=0x08000050/1", "flash.verify_mismatch", "unit"],
  ["leave-silent", "PASS", ""],
  ["slow-boot=9000", "PASS", ""],
  ["truncated-strings=112", "PASS", ""],
  ["serial=FFFFFFFEFFFF", "PASS", ""],
];

const nameOf = (text: string): string => text.split("=")[0] ?? text;

describe("what a fault is called", () => {
  it.each(CASES)("%s: %s, %s", async (text, code, blameOrIncident) => {
    const name = nameOf(text);
    const part = name.startsWith("bank2")
      ? h7
      : name === "read-protect"
        ? partByName("f407")
        : undefined;
    const family = name.startsWith("bank2") ? "H7" : "F4";
    const { flash } = bench({
      before: BEFORE,
      faults: [parseFault(text).fault],
      ...(part === undefined ? {} : { part }),
    });
    const report = await flash({ image, family });
    if (code === "PASS") {
      expect(report).toMatchObject({ outcome: "PASS", linkIncident: blameOrIncident !== "" });
      const seen = report.incidents.map((incident) => incident.code as string);
      if (blameOrIncident !== "") expect(seen).toContain(blameOrIncident);
      expect(explain(report)).toBeUndefined();
      return;
    }
    expect(report).toMatchObject({ outcome: "FAIL", code, blame: blameOrIncident });
    const words = explain(report);
    expect(words?.operator.split(" ").length).toBeLessThanOrEqual(8);
    expect(words?.engineer).toContain(code);
    expect(words?.engineer).toContain(report.detail);
  });

  it("covers every fault that there is", () => {
    const covered = new Set(CASES.map(([text]) => nameOf(text)));
    expect(FAULT_NAMES.filter((name) => !covered.has(name))).toEqual([]);
  });

  it("a unit that comes and goes by itself has trouble with cable, power or clock", async () => {
    const faults = Array.from({ length: 200 }, (_, at) => parseFault(`reboot=${at * 20}`).fault);
    const { flash } = bench({ before: BEFORE, faults });
    expect(await flash({ image, family: "F4" })).toMatchObject({
      outcome: "FAIL",
      code: "link.enumeration",
      blame: "host",
    });
  });

  it.each([
    ["9000", "PASS", undefined],
    ["20000", "FAIL", "link.lost"],
  ])("a bootloader that starts %s ms later than others: %s", async (ms, outcome, code) => {
    const faults = [parseFault("reboot=150").fault, parseFault(`slow-boot=${ms}`).fault];
    const { flash, unit } = bench({ before: BEFORE, faults });
    const report = await flash({ image, family: "F4" });
    expect(report).toMatchObject({ outcome, linkIncident: true });
    expect(report.code).toBe(code);
    if (outcome === "PASS") expect(unit.flash.read(0x08000000, 300).data).toEqual(DATA);
  });

  it("no answer to the last GETSTATUS of a leave is no incident on any part", async () => {
    const part = partByName("f407");
    const vectors = new Uint8Array(2048);
    new DataView(vectors.buffer).setUint32(0, 0x20001000, true);
    new DataView(vectors.buffer).setUint32(4, 0x08000101, true);
    const { flash, unit } = bench({ part, faults: [parseFault("leave-silent").fault] });
    const report = await flash({ image: imageAt(vectors), leave: true });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: false });
    expect(unit.mode).toBe("application");
    expect(unit.counters.faults).toEqual({ "leave-silent": 1 });
  });

  it("a unit none of whose strings can be read is enumeration trouble, not a broken layout", async () => {
    const part = definePart({ family: "F4", sectors: [[4, 64]], alternates: ["", ""] });
    const { flash } = bench({ part });
    expect(await flash({ image })).toMatchObject({ code: "link.enumeration", touched: false });
  });

  it("every code has words for the operator and for the engineer", () => {
    for (const { action, meaning } of Object.values(ENGINE_CODES)) {
      expect(action.split(" ").length).toBeLessThanOrEqual(8);
      expect(meaning).toMatch(/[a-z].*\.$/);
    }
  });
});
