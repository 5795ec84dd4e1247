import { DfuRequest, type DfuTransport, LinkError } from "@flashline/dfu-core/protocol";
import {
  attachInProcess,
  createVirtualUnit,
  partByName,
  VirtualClock,
} from "@flashline/virtual-stm32";
import { expect, it } from "vitest";
import { guardTransport } from "./guard.ts";

const ERASE = Uint8Array.of(0x41, 0x00, 0x00, 0x00, 0x08);
const SET_ADDRESS = Uint8Array.of(0x21, 0x00, 0x00, 0x00, 0x08);
const DATA = new Uint8Array(2048).fill(0x5a);
const part = partByName("f407");

async function attached(beforeTouch: () => Promise<void>, powerSwitch = false) {
  const clock = new VirtualClock();
  const unit = createVirtualUnit({ part, clock, timing: "none" });
  const inner: DfuTransport = attachInProcess(unit, clock, { powerSwitch });
  const transport = guardTransport(inner, beforeTouch);
  await transport.controlOut(DfuRequest.ClrStatus, 0, new Uint8Array(), 1000);
  const send = async (value: number, data: Uint8Array) => {
    await transport.controlOut(DfuRequest.Dnload, value, data, 1000);
    await transport.controlIn(DfuRequest.GetStatus, 0, 6, 1000);
    await clock.sleep(2000);
    await transport.controlIn(DfuRequest.GetStatus, 0, 6, 1000);
  };
  return { unit, transport, send };
}

it("holds the first erase back until the journal has it, and asks once", async () => {
  let asked = 0;
  const { transport, send } = await attached(() => {
    asked++;
    return Promise.resolve();
  });
  await send(0, SET_ADDRESS);
  expect(asked).toBe(0);
  expect(transport.touched).toBe(false);
  await send(0, ERASE);
  await send(0, SET_ADDRESS);
  await send(2, DATA);
  expect(asked).toBe(1);
  expect(transport.touched).toBe(true);
});

it("changes nothing, then and later, when the journal fails", async () => {
  const full = new Error("no space left");
  const { unit, transport, send } = await attached(() => Promise.reject(full));
  await send(0, SET_ADDRESS);
  const before = unit.counters.erases;
  await expect(send(0, ERASE)).rejects.toMatchObject({ fault: "gone" });
  await expect(send(0, SET_ADDRESS)).rejects.toBeInstanceOf(LinkError);
  await expect(transport.reenumerate(1000)).rejects.toBeInstanceOf(LinkError);
  expect(transport.refusal).toBe(full);
  expect(transport.touched).toBe(false);
  expect(unit.counters.erases).toBe(before);
});

it("lets the engine switch the port's power where the hub can, and not after a refusal", async () => {
  const { unit, transport } = await attached(() => Promise.resolve(), true);
  const before = unit.counters.enumerations;
  expect(await transport.powerCycle?.()).toBe(true);
  await transport.reenumerate(5000);
  expect(unit.counters.enumerations).toBe(before + 1);
  const without = await attached(() => Promise.resolve());
  expect(without.transport.powerCycle).toBeUndefined();
  const refused = await attached(() => Promise.reject(new Error("no space left")), true);
  await expect(refused.send(0, ERASE)).rejects.toMatchObject({ fault: "gone" });
  await expect(refused.transport.powerCycle?.()).rejects.toBeInstanceOf(LinkError);
});

it.each([
  ["Read Unprotect", Uint8Array.of(0x92)],
  ["mass erase", Uint8Array.of(0x41)],
])("never lets %s pass", async (_name, command) => {
  const { transport, send } = await attached(() => Promise.resolve());
  await expect(send(0, command)).rejects.toBeInstanceOf(LinkError);
  expect(transport.touched).toBe(false);
});
