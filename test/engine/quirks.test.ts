import {
  AVOIDED,
  type EngineEvent,
  flashUnit,
  identify,
  PROFILES,
  parseMemoryLayout,
  planFlash,
  QUIRKS,
} from "@flashline/dfu-core";
import { encodeDfuse, parseImage } from "@flashline/dfu-core/image";
import { type DeviceDescriptors, parseFunctionalDescriptor } from "@flashline/dfu-core/protocol";
import { definePart, parseFault, partByName } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { type BenchOptions, bench, imageAt, pattern } from "./bench.ts";

const BASE = 0x08000000;
const DATA = pattern(300);
const image = imageAt(DATA);
const BEFORE = pattern(384, 9);
const f4 = { image, family: "F4" } as const;

/** Requests as they passed, one word each. */
async function wire(options: BenchOptions, flashOptions: object = f4) {
  const { flash, unit, ...io } = bench({ before: BEFORE, ...options });
  const requests: { readonly name: string; readonly state: number }[] = [];
  let state = 2;
  unit.onTransfer((setup, data, reply) => {
    const name = ["detach", "dnload", "upload", "status", "clrstatus", "state", "abort"];
    const command = setup.request === 1 && setup.value === 0 ? `:${data[0]}/${data.length}` : "";
    if (setup.requestType !== 0x00 && setup.requestType !== 0x01)
      requests.push({ name: `${name[setup.request]}${command}`, state });
    if (reply.kind !== "data") return;
    if (setup.request === 3) state = reply.data[4] ?? state;
    if (setup.request === 5) state = reply.data[0] ?? state;
  });
  const report = await flash({ ...f4, ...flashOptions });
  return { ...io, report, unit, requests, names: requests.map(({ name }) => name) };
}

describe("quirks that are worked around", () => {
  it("every row says what, what against it, and who found it", () => {
    for (const { what, remedy, source } of Object.values(QUIRKS)) {
      expect([what, remedy, source].every((text) => text.length > 10)).toBe(true);
    }
  });

  it.each([
    ["f429zi", []],
    ["f429", [parseFault("truncated-strings=112").fault]],
  ])(
    "%s: the half that was cut from its flash string is known and flashed",
    async (name, faults) => {
      const part = partByName(name);
      const { transport, flash, unit } = bench({ part, faults });
      expect(identify(transport.descriptors)).toMatchObject({ chip: "STM32F429", match: "class" });
      expect(unit.flash.size).toBe(0x20_0000);
      const ends = imageAt(DATA, BASE + 0x20_0000 - 512);
      expect(await flash({ image: ends, chip: "STM32F429" })).toMatchObject({ outcome: "PASS" });
      expect(unit.flash.read(BASE + 0x20_0000 - 512, 300).data).toEqual(DATA);
      expect(unit.illegal).toEqual([]);
      // The same string without a second bank's option bytes is an F407.
      const f407 = bench({ part: partByName("f407") }).transport.descriptors;
      expect(identify(f407)).toMatchObject({ chip: "STM32F407", match: "class" });
    },
  );

  it("H743: an erase of the second bank hangs, CLRSTATUS twice, and is not done again when blank", async () => {
    const { report, unit, names } = await wire(
      {
        part: definePart({ family: "H7", sectors: [[6, 64]], transferSize: 32 }),
        faults: [parseFault("bank2-wedge").fault],
      },
      { family: "H7" },
    );
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
    expect(unit.flash.read(BASE, 300).data).toEqual(DATA);
    expect(names.join(" ")).toContain("clrstatus clrstatus");
    expect(unit.counters.erases).toBe(report.erasedSectors);
    expect(unit.counters.busResets).toBe(0);
  });

  it("H743 V9.1: 4 s after an erase in the second bank, and the estimate knows", async () => {
    const part = partByName("h743");
    const second = imageAt(pattern(1000), BASE + 0x10_0000);
    const { clock, report } = await wire({ part }, { image: second, family: undefined });
    expect(report.outcome).toBe("PASS");
    expect(clock.now()).toBeGreaterThan(4000);
    const { descriptors } = bench({ part }).transport;
    const estimate = (at: typeof second) =>
      planFlash({ image: at, descriptors, profile: PROFILES.fast }).estimateMs;
    expect(estimate(second) - estimate(imageAt(pattern(1000)))).toBe(3000);
  });

  it.each(["stall", "block"] as const)(
    "L4: a poll that comes too early and is answered with %s",
    async (earlyPoll) => {
      const part = definePart({
        family: "L4",
        sectors: [[6, 64]],
        transferSize: 32,
        rom: { earlyPoll, pollReport: "modulo256" },
      });
      const { report, unit } = await wire({ part, timing: "maximum" }, { family: "L4" });
      expect(report.outcome).toBe("PASS");
      expect(unit.flash.read(BASE, 300).data).toEqual(DATA);
    },
  );

  it("GD32VF103 announces pages twice as large as they are", () => {
    const descriptors: DeviceDescriptors = {
      ...bench({ part: partByName("f107") }).transport.descriptors,
      vendorId: 0x28e9,
      productId: 0x0189,
      serial: "3CBJ",
      alternates: [
        { alternate: 0, protocol: 2, name: "@Internal Flash  /0x08000000/512*002Kg" },
        { alternate: 1, protocol: 2, name: "@Option Bytes  /0x1FFFF800/01*016 g" },
      ],
    };
    const plan = (of: DeviceDescriptors) =>
      planFlash({ image: imageAt(pattern(3000)), descriptors: of, profile: PROFILES.fast });
    expect(plan(descriptors).sectors.map(({ size }) => size)).toEqual([1024, 1024, 1024]);
    expect(plan({ ...descriptors, serial: "?" }).sectors).toHaveLength(2);
  });

  it("a wTransferSize of 0 is taken as 2048", () => {
    const bytes = Uint8Array.of(9, 0x21, 0x0b, 255, 0, 0, 0, 0x1a, 0x01);
    expect(parseFunctionalDescriptor(bytes)?.transferSize).toBe(2048);
  });

  it("a leave sets the pointer first, and its last GETSTATUS may fail", async () => {
    const { report, names } = await wire({}, { leave: true });
    expect(report.outcome).toBe("PASS");
    expect(names.slice(-5)).toEqual(["dnload:33/5", "status", "status", "dnload", "status"]);
  });
});

describe("what other tools do and this one does not", () => {
  const proofs: Readonly<Record<keyof typeof AVOIDED, () => Promise<void> | void>> = {
    "automatic-unprotect": async () => {
      const { report, names } = await wire({
        part: partByName("f407"),
        faults: [parseFault("read-protect=1").fault],
      });
      expect(report.outcome).toBe("FAIL");
      expect(names.filter((name) => name.startsWith("dnload:146"))).toEqual([]);
    },
    "erase-fallback": async () => {
      const { report, names } = await wire({ faults: [parseFault("false-target=always").fault] });
      expect(report.outcome).toBe("FAIL");
      expect(names).not.toContain("dnload:65/1");
    },
    "swallowed-verify": async () => {
      const { report } = await wire({ faults: [parseFault("silent-drop=always").fault] });
      expect(report).toMatchObject({ outcome: "FAIL", code: "flash.silent_drop" });
    },
    "image-size-is-file-size": () => {
      const file = encodeDfuse([{ address: BASE, data: DATA }]);
      const announced = new DataView(file.buffer).getUint32(6, true);
      expect(announced).toBe(file.length - 16);
      expect(parseImage(file).bytes).toBe(DATA.length);
    },
    "clear-status-at-start": async () => {
      for (const start of ["idle", "error-firmware"] as const) {
        const part = definePart({
          family: "F4",
          sectors: [[6, 64]],
          transferSize: 32,
          rom: { start },
        });
        const { report, requests, unit } = await wire({ part });
        expect(report).toMatchObject({ outcome: "PASS", linkIncident: false });
        expect(requests.filter(({ name, state }) => name === "clrstatus" && state !== 10)).toEqual(
          [],
        );
        expect(unit.illegal).toEqual([]);
      }
    },
    "no-poll-time": async () => {
      const part = definePart({
        family: "F4",
        sectors: [[6, 64]],
        transferSize: 32,
        rom: { earlyPoll: "stall" },
      });
      const { report, unit } = await wire({ part });
      expect(report).toMatchObject({ outcome: "PASS", linkIncident: false });
      expect(unit.illegal.filter((text) => text.startsWith("poll.early"))).toEqual([]);
    },
    "last-zone-only": () => {
      const zones = parseMemoryLayout("@Flash /0x90000000/64*4Kg/0x90400000/60*64Kg").zones;
      expect(zones.map(({ address }) => address)).toEqual([0x90000000, 0x90400000]);
    },
    "ignored-access": async () => {
      const part = definePart({
        family: "F4",
        sectors: [[6, 64]],
        alternates: ["@Internal Flash  /0x08000000/02*064 a,04*064 g"],
      });
      const { report, unit } = await wire({ part });
      expect(report).toMatchObject({ code: "image.read_only", touched: false });
      expect(unit.counters.erases).toBe(0);
    },
    "multiplier-needed": () => {
      const [zone] = parseMemoryLayout("@Internal Flash  /0x08000000/1536*128g").zones;
      expect(zone?.sectors).toMatchObject([{ count: 1536, size: 128 }]);
    },
  };

  it.each(Object.keys(AVOIDED) as (keyof typeof AVOIDED)[])("%s", async (name) => {
    await proofs[name]();
  });
});

describe("pacing", () => {
  it("steps one profile at a time, each an event with its cause, and back once where the gentler one is no help", async () => {
    const { transport, clock } = bench({
      before: BEFORE,
      faults: [parseFault("stall=0.3").fault],
      seed: 5,
    });
    const steps: string[] = [];
    const onEvent = (event: EngineEvent) => {
      if (event.event === "profile") steps.push(`${event.from}>${event.to}:${event.cause}`);
    };
    const report = await flashUnit({ ...f4, transport, clock, onEvent, profile: "fast" });
    expect(steps).toEqual([
      "fast>standard:link.stall",
      "standard>gentle:link.stall",
      "gentle>standard:link.stall",
      "standard>gentle:link.stall",
    ]);
    const escalations = report.incidents.filter(({ code }) => code === "link.escalated");
    expect(escalations).toHaveLength(4);
  });

  it.each([
    ["standard", 1],
    ["gentle", 2],
    ["crawl", 5],
  ] as const)("%s keeps %i ms between transfers", async (profile, gap) => {
    const { unit, clock, flash } = bench({ before: BEFORE });
    const times: number[] = [];
    unit.onTransfer(() => times.push(clock.now()));
    await flash({ ...f4, profile });
    const least = Math.min(...times.slice(1).map((at, index) => at - (times[index] ?? 0)));
    expect(least).toBeGreaterThanOrEqual(gap);
  });
});
