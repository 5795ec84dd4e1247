import {
  checkUnit,
  type EngineEvent,
  readOptions,
  readUnit,
  unprotectUnit,
  writeOptions,
  writeOtp,
} from "@flashline/dfu-core";
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

it("tells its listener that it starts and how it ends, as everything else does", async () => {
  const events: EngineEvent["event"][] = [];
  await checkUnit({ ...io(), onEvent: ({ event }) => void events.push(event) });
  expect(events).toEqual(["started", "finished"]);
});

const OTP = { address: 0x1fff7800, data: new Uint8Array(8), confirmed: "otp" };

it.each([
  ["read", (of: Of) => readUnit({ ...of, address: 0x08000000, length: 16 })],
  ["read options", (of: Of) => readOptions(of)],
  ["write options", (of: Of) => writeOptions({ ...of, set: { BOR_LEV: 1 } })],
  ["write OTP", (of: Of) => writeOtp({ ...of, ...OTP })],
  ["unprotect", (of: Of) => unprotectUnit({ ...of, confirmed: "read-unprotect" })],
])("a unit in another bank mode is refused: %s", async (_, act) => {
  const of = { ...bench({ part: partByName("f429") }), bankMode: "single" } as const;
  expect(await act(of)).toMatchObject({ outcome: "FAIL", code: "plan.bank_mode", touched: false });
  expect(of.destructive).toEqual([]);
});

type Of = ReturnType<typeof bench> & { readonly bankMode: "single" };
