// A unit that somebody takes out: told from one that is lost by what the hub's port shows.
import { parseFault, type VirtualUnit } from "@flashline/virtual-stm32";
import { expect, it } from "vitest";
import { type BenchOptions, bench, imageAt, pattern } from "./bench.ts";
import { isErase } from "./bent.ts";

const DATA = pattern(384);

async function flashed(what: (unit: VirtualUnit) => void, options: BenchOptions = {}) {
  const io = bench({ portStatus: true, before: pattern(384, 9), ...options });
  let seen = 0;
  io.unit.onTransfer((setup, data) => {
    if (!isErase(setup.request, setup.value, data)) return;
    seen += 1;
    if (seen === 2) what(io.unit);
  });
  const report = await io.flash({ image: imageAt(DATA), family: "F4" });
  return { ...io, report, codes: report.incidents.map(({ code }) => code) };
}

it("blames hands, and no host, when the port stays empty", async () => {
  const { report, codes } = await flashed((unit) => unit.unplug());
  expect(report).toMatchObject({ outcome: "FAIL", code: "attempt.unplugged", linkIncident: false });
  expect(codes).toEqual(["attempt.unplugged"]);
  expect(report.detail).toContain("was taken out of its port and did not come back");
});

it("goes on when the unit is put back, at the same pace and without an incident of the link", async () => {
  const { report, codes, unit } = await flashed((same) => same.unplug(3000));
  expect(report).toMatchObject({ outcome: "PASS", linkIncident: false, profile: "standard" });
  expect(codes).toContain("attempt.unplugged");
  expect(unit.flash.snapshot().subarray(0, DATA.length)).toEqual(DATA);
});

it("keeps it an incident of the link when the unit is back sooner than hands are", async () => {
  const { report, codes } = await flashed((unit) => unit.unplug(300));
  expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
  expect(codes).toContain("link.reenumerated");
  expect(codes).not.toContain("attempt.unplugged");
});

it("keeps it a lost link where the hub cannot be asked", async () => {
  const { report } = await flashed((unit) => unit.unplug(), { portStatus: false });
  expect(report).toMatchObject({ outcome: "FAIL", code: "link.lost", linkIncident: true });
});

it("never takes an empty port for hands after the engine itself cut the power", async () => {
  const { report, codes } = await flashed(() => undefined, {
    faults: [parseFault("busy-wedge=powercycle@2").fault],
    powerSwitch: true,
  });
  expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
  expect(codes).toContain("link.power_cycled");
  expect(codes).not.toContain("attempt.unplugged");
});
