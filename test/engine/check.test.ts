import { checkUnit } from "@flashline/dfu-core";
import { partByName } from "@flashline/virtual-stm32";
import { expect, it } from "vitest";
import { bench, pattern } from "./bench.ts";

/** What a dry run asks of a unit. */
const io = () => bench({ part: partByName("f407"), before: pattern(64) });

it.each([
  [{}, "PASS", undefined],
  [{ bankMode: "single", expectOptions: { BOR_LEV: 3 } }, "PASS", undefined],
  [{ bankMode: "dual" }, "FAIL", "plan.bank_mode"],
  [{ expectOptions: { BOR_LEV: 0 } }, "FAIL", "options.mismatch"],
  [{ expectOptions: { NOPE: 0 } }, "FAIL", "options.value"],
  [{ chip: "STM32F072" }, "FAIL", "device.wrong_chip"],
] as const)("%j: %s, and nothing is changed", async (options, outcome, code) => {
  const one = io();
  const report = await checkUnit({ ...one, ...options });
  expect([report.outcome, report.code, report.touched]).toEqual([outcome, code, false]);
  expect(one.destructive).toEqual([]);
  expect(one.unit.illegal).toEqual([]);
});
