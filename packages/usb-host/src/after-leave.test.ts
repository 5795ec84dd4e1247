import type { Clock } from "@flashline/dfu-core/protocol";
import { expect, it } from "vitest";
import { seeOnPort } from "./after-leave.ts";
import type { PortOccupant, UnitSource } from "./units.ts";

/** Sleeps take no time, and pass it. */
function clockOf(): Clock {
  let now = 0;
  return {
    now: () => now,
    sleep(ms) {
      now += ms;
      return Promise.resolve();
    },
  };
}
const unreadable = () => Promise.reject(new RangeError("sysfs went away"));
const sourceWith = (deviceOn: () => Promise<PortOccupant | undefined>): UnitSource => ({
  list: () => Promise.resolve([]),
  watch: () => ({ close: () => Promise.resolve() }),
  open: unreadable,
  deviceOn,
  close: () => Promise.resolve(),
});
const IDS = { vendorId: 0x0483, productId: 0x5740 };
const APPLICATION: PortOccupant = {
  ...IDS,
  serial: "SN1",
  deviceNumber: 8,
  kind: "application",
};
const see = (source: UnitSource) =>
  seeOnPort(source, { ...IDS, kind: "device" }, "1-1", 1000, clockOf());

it("says that a port cannot be looked at, and does not fail by it: a verified flash hangs on the answer", async () => {
  expect(await see(sourceWith(unreadable))).toMatchObject({
    detail: "the port cannot be looked at",
  });
});

it("looks again where it could not look", async () => {
  let looks = 0;
  const source = sourceWith(() => (++looks < 3 ? unreadable() : Promise.resolve(APPLICATION)));
  expect(await see(source)).toEqual({ kind: "seen", occupant: APPLICATION });
});
