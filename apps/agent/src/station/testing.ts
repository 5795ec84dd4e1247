import { FlashlineError, StationSetup } from "@flashline/contract";
import type { AttachedUnit } from "@flashline/usb-host";
import type { Decisions } from "./decisions.ts";
import type { Grants } from "./granted.ts";

/** What the server tells a station without nests and orders; `change` makes it another one. */
export const setupOf = (change: Readonly<Record<string, unknown>> = {}): StationSetup =>
  StationSetup.parse({
    stationId: "019f0000-0000-7000-8000-000000000009",
    station: "L3-07",
    line: "3",
    plant: "Graz",
    timeZone: "UTC",
    nests: [],
    workOrder: null,
    ...change,
  });

/** A work order as a station's setup names it. */
export const ORDER_HERE = {
  number: "WO-1",
  product: "MC-2",
  productTitle: "",
  serialPattern: "MC2-\\d+",
  version: "1.0.0",
  manifestSha256: "0".repeat(64),
  quantity: 9,
  passed: 0,
};

/** At a station where no badge decides anything. */
export const NO_DECISIONS: Decisions = {
  view: null,
  takes: () => false,
  decide: () => undefined,
  say: () => undefined,
};

/** At a station that flashes nothing without the server. */
export const NO_GRANTS: Pick<Grants, "ask" | "view" | "take"> = {
  view: null,
  ask: () => ({ kind: "none" }),
  take: () => Promise.reject(new FlashlineError("agent.offline")),
};

/** A virtual unit on a port. */
export const unitOn = (portPath: string): AttachedUnit => ({
  portPath,
  vendorId: 0x0483,
  productId: 0xdf11,
  bcdDevice: 0x2200,
  virtual: true,
  serial: "357B34843039",
  product: "STM32 BOOTLOADER",
  deviceNumber: 4,
  host: {
    machine: "m",
    controller: { pciAddress: "p", vendorDevice: "1:2", driver: "d", kind: "virtual" },
    hubs: [],
    portPath,
    speed: "full",
    os: "Linux",
  },
});
