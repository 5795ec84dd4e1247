// A flash that goes on through bus resets and CLRSTATUS: the ladder frees the bootloader, never the flash.
import { parseFault, partByName } from "@flashline/virtual-stm32";
import { expect, it } from "vitest";
import { bench, imageAt, pattern } from "./bench.ts";

const DATA = pattern(60_000);

async function flashed(chip: string, fault: string) {
  const { flash, unit, clock } = bench({
    part: partByName(chip),
    faults: [parseFault(fault).fault],
    before: pattern(60_000, 3),
  });
  const report = await flash({ image: imageAt(DATA) });
  const codes = new Set(report.incidents.map(({ code }) => code));
  return { report, unit, codes, ms: clock.now() };
}

it.each([
  ["f407", "slow-busy=300@1"],
  ["f072", "slow-busy=3000@1"],
])("%s, %s: is waited for, through as many bus resets as it takes", async (chip, fault) => {
  const { report, unit, codes } = await flashed(chip, fault);
  expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
  expect(codes).toContain("link.busy_wedge");
  expect(unit.counters.busResets).toBeGreaterThan(0);
  expect(unit.flash.read(0x0800_0000, DATA.length).data).toEqual(DATA);
  expect(unit.illegal).toEqual([]);
});

it.each(["f407", "f072", "f745", "l476", "h743"])(
  "%s: is given up within its budget when it never ends, and nothing is said to be done",
  async (chip) => {
    const { report, ms } = await flashed(chip, "slow-busy=1000000@1");
    expect(report).toMatchObject({ outcome: "FAIL", blame: "host", touched: true });
    expect(["link.busy_wedge", "link.timeout"]).toContain(report.code);
    expect(ms).toBeLessThan(10 * 60_000);
  },
);
