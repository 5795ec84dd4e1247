import { type FlashReport, flashUnit } from "@flashline/dfu-core";
import { LinkError, LinkFault, wrapTransport } from "@flashline/dfu-core/protocol";
import { definePart, type Fault, parseFault } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { bench, imageAt, pattern } from "./bench.ts";

const BASE = 0x08000000;
const DATA = pattern(300);
const f4 = { image: imageAt(DATA), family: "F4" } as const;
const fault = (text: string): Fault => parseFault(text).fault;
const codes = (report: FlashReport) => report.incidents.map((incident) => incident.code);

describe("behind a hub that switches the power of its port", () => {
  it.each(["F4", "L4", "H7"] as const)(
    "%s: a wedge that nothing else ends costs one power cycle, and the sector is written anew",
    async (family) => {
      const part = definePart({ family, sectors: [[4, 128]], transferSize: 32 });
      const faults = [fault("busy-wedge=powercycle@4")];
      const { flash, unit } = bench({ part, faults, powerSwitch: true });
      const report = await flash({ image: imageAt(DATA), family });
      expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
      expect(codes(report)).toContain("link.power_cycled");
      // Power comes last: everything weaker was tried before.
      const order = codes(report);
      expect(order.indexOf("link.bus_reset")).toBeLessThan(order.indexOf("link.power_cycled"));
      expect(unit.flash.read(BASE, DATA.length).data).toEqual(DATA);
      expect(unit.illegal).toEqual([]);
    },
  );

  it("nothing is switched while something weaker helps", async () => {
    const { flash } = bench({ faults: [fault("busy-wedge=reset@4")], powerSwitch: true });
    const report = await flash(f4);
    expect(report.outcome).toBe("PASS");
    expect(codes(report)).not.toContain("link.power_cycled");
  });

  it.each([
    ["busy-wedge=never@4", "link.busy_wedge"],
    ["unplug=100", "link.lost"],
  ])("%s: ends with %s when power does not help either", async (text, code) => {
    const { flash } = bench({ faults: [fault(text)], powerSwitch: true });
    const report = await flash(f4);
    expect(report).toMatchObject({ outcome: "FAIL", code, blame: "host" });
    expect(codes(report)).toContain("link.power_cycled");
  });

  it("is not pretended where no hub can", async () => {
    const { transport, clock } = bench({ faults: [fault("busy-wedge=powercycle@4")] });
    const powerCycle = () => Promise.resolve(false);
    const report = await flashUnit({
      ...f4,
      clock,
      transport: wrapTransport(transport, { powerCycle }),
    });
    expect(report).toMatchObject({ outcome: "FAIL", code: "link.busy_wedge" });
    expect(codes(report)).not.toContain("link.power_cycled");
  });

  it("says why the power could not be switched", async () => {
    for (const text of ["busy-wedge=powercycle@4", "unplug=100"]) {
      const { transport, clock } = bench({ faults: [fault(text)] });
      const powerCycle = () =>
        Promise.reject(new LinkError(LinkFault.Io, "power of port 3-1.2: hub 3-1 is ganged"));
      const report = await flashUnit({
        ...f4,
        clock,
        transport: wrapTransport(transport, { powerCycle }),
      });
      expect(report.outcome).toBe("FAIL");
      expect(report.detail).toContain("; power of port 3-1.2: hub 3-1 is ganged");
    }
  });
});
