import { unitInfo } from "@flashline/dfu-core";
import {
  attachInProcess,
  createVirtualUnit,
  partByName,
  VirtualClock,
} from "@flashline/virtual-stm32";
import { expect, it } from "vitest";
import { protectionText, readProtectionOf, weigh } from "./read-protection.ts";

const rdp = (level: string, byte: string) => ({ level, text: `RDP is ${byte}` });
const open = { state: "open", text: "the first bytes of its flash can be read" } as const;
const shut = { state: "protected", text: "errVENDOR" } as const;
const refused = { state: "refused", text: "errVENDOR" } as const;
const silent = { state: "unknown", text: "no answer" } as const;

it.each([
  [undefined, open, "open", /^none$/],
  [undefined, shut, "protected", /^active; .*unprotect/],
  [rdp("level 0", "0xaa"), open, "open", /^level 0, none$/],
  [rdp("level 0", "0xaa"), refused, "refused", /^level 0, not proven/],
  [rdp("level 0", "0xaa"), shut, "refused", /^level 0, not proven/],
  [rdp("level 0.5", "0x55"), open, "open", /^level 0.5, what is not secure can be read$/],
  [rdp("level 1", "0x00"), open, "written", /^level 1, written, and not in effect/],
  [rdp("level 2", "0xcc"), open, "written", /^level 2, written, and not in effect/],
  [rdp("level 1", "0x00"), shut, "protected", /^level 1, active/],
  [rdp("level 1", "0x00"), refused, "refused", /^level 1, not proven/],
  [rdp("level 1", "0x00"), silent, "unknown", /^could not be told$/],
  [rdp("level 0", "0xaa"), silent, "unknown", /^could not be told$/],
] as const)("the option bytes' %o and a read that is %o are %s", (says, probe, state, text) => {
  const told = weigh(says, probe);
  expect(told.state).toBe(state);
  expect(told.evidence).toContain(probe.text);
  expect(told.evidence).toContain(says?.text ?? "");
  expect(protectionText(told)).toMatch(text);
});

it("is not called unknown where somebody told the command to stop, at whatever transfer", async () => {
  const clock = new VirtualClock();
  const unit = createVirtualUnit({ part: partByName("f407"), clock });
  const transport = attachInProcess(unit, clock);
  const { info } = await unitInfo({ transport, clock });
  if (info === undefined) expect.unreachable();
  const toldAt = async (transfer: number) => {
    const controller = new AbortController();
    const first = unit.counters.controlTransfers;
    const off = unit.onTransfer(() => {
      if (unit.counters.controlTransfers - first === transfer) controller.abort();
    });
    const { signal } = controller;
    const told = await readProtectionOf({ transport, clock, signal, stop: signal }, {}, info);
    off();
    return { told, transfers: unit.counters.controlTransfers - first };
  };
  const { told: whole, transfers } = await toldAt(Number.POSITIVE_INFINITY);
  expect(whole).toMatchObject({ state: "open", level: "level 0" });
  for (let at = 1; at < transfers; at += 1) {
    const { told } = await toldAt(at);
    expect(told).toMatchObject({ outcome: "FAIL", code: "attempt.cancelled" });
  }
});
