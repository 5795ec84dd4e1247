import { DfuRequest } from "@flashline/dfu-core/protocol";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../clock/virtual-clock.ts";
import { partByName } from "../parts/index.ts";
import { createVirtualUnit } from "../unit/virtual-unit.ts";
import { CLASS_IN } from "../usb/setup.ts";
import { DEFAULT_PLACE, type HubPlace, type Place, placePath } from "./place.ts";

/** Share of disturbed reads of `length` bytes at a place. */
function lossOf(place: Place, length: number, gapMs = 1): number {
  const clock = new VirtualClock();
  let lost = 0;
  const tries = 3000;
  for (let seed = 0; seed < tries / 100; seed += 1) {
    const unit = createVirtualUnit({
      part: partByName("f407"),
      clock,
      place,
      seed,
      timing: "none",
    });
    unit.configure();
    for (let index = 0; index < 100; index += 1) {
      clock.advance(gapMs);
      unit.handleControl({
        requestType: CLASS_IN,
        request: DfuRequest.Upload,
        value: 2,
        index: 0,
        length,
      });
    }
    lost += unit.counters.faults["controller"] ?? 0;
  }
  return lost / tries;
}

const bad: Place = { ...DEFAULT_PLACE, defect: { lossPerPacket: 0.004 } };
const HUB: HubPlace = { id: "05e3:0610", tt: "multi" };

describe("controller defect", () => {
  it("grows with the packets of a transfer", () => {
    expect(lossOf(bad, 2048)).toBeGreaterThan(4 * lossOf(bad, 64));
    expect(lossOf(bad, 64)).toBeGreaterThan(0);
  });

  it("is rarer behind a hub, unless the hub is said not to help", () => {
    const hub: Place = { ...bad, hubs: [HUB] };
    expect(lossOf(hub, 2048)).toBeLessThan(lossOf(bad, 2048) / 10);
    const useless: Place = { ...hub, defect: { lossPerPacket: 0.004, hubFactor: 1 } };
    expect(lossOf(useless, 2048)).toBeGreaterThan(lossOf(bad, 2048) / 2);
  });

  it("does not care about the time between transfers, but in the labelled experiment", () => {
    const [quick, slow] = [lossOf(bad, 1024, 1), lossOf(bad, 1024, 100)];
    expect(slow).toBe(quick);
    const experiment: Place = {
      ...bad,
      defect: { lossPerPacket: 0.004, experimentGap: { afterMs: 50, factor: 0.1 } },
    };
    expect(lossOf(experiment, 1024, 100)).toBeLessThan(quick / 3);
  });

  it("is not there without a defect", () => {
    expect(lossOf(DEFAULT_PLACE, 2048)).toBe(0);
  });
});

describe("placePath", () => {
  it("shows the whole chain of hubs and refuses what the record cannot hold", () => {
    const hubs: readonly HubPlace[] = [HUB, { id: "0424:2514", tt: "single" }];
    const place: Place = { ...DEFAULT_PLACE, hubs, machine: "pc" };
    expect(placePath(place, "1-3")).toBe(
      "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-3?virtual=flashline&controller=8086:a36d&driver=xhci_hcd&hub=05e3:0610,multi&hub=0424:2514,single&machine=pc",
    );
    expect(() => placePath({ ...place, machine: "x".repeat(200) }, "1-3")).toThrow(/too long/);
  });
});
