// What is taken for read protection, and what is not: units that are open, over links that make them look protected.
import { flashUnit, unprotectUnit, writeOptions } from "@flashline/dfu-core";
import { DfuStatus, type DfuTransport, LinkError, LinkFault } from "@flashline/dfu-core/protocol";
import { definePart, parseFault, partByName } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { bench, imageAt, pattern } from "./bench.ts";
import { type Bend, bending, choosing, FLASH, isRead, OPTIONS, refusing, silence } from "./bent.ts";

const confirmed = "read-unprotect";

/** The unit seems to refuse every read of its flash, in its own words. */
function refusingFlash(transport: DfuTransport): DfuTransport {
  const { chosen, transport: inner } = choosing(transport);
  return refusing(
    inner,
    DfuStatus.ErrVendor,
    Number.POSITIVE_INFINITY,
    (request, value) => isRead(request, value) && chosen.alternate === FLASH,
  );
}

const rdpByte =
  (value: number, when: (read: number) => boolean): Bend =>
  (data, read) =>
    Promise.resolve(data.map((byte, at) => (at === 1 && when(read) ? value : byte)));

describe("a unit whose flash nobody managed to read", () => {
  it.each(["f072", "l476"])(
    "%s: has no protection yet, though its RDP byte says so",
    async (name) => {
      const io = bench({ part: partByName(name), before: pattern(64) });
      const transport = bending(io.transport, FLASH, silence);
      const report = await writeOptions({ ...io, transport, set: { RDP: 1 } });
      expect(report).toMatchObject({ outcome: "FAIL", code: "options.power_cycle" });
      expect(io.unit.protection).toBe(0);
    },
  );

  it("has it once it refuses, in its own words", async () => {
    const io = bench({ part: partByName("l476"), before: pattern(64), powerSwitch: true });
    const report = await writeOptions({ ...io, set: { RDP: 1 }, powerCycle: true });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: false });
    expect(io.unit.protection).toBe(1);
  });
});

describe("an open unit is never unprotected", () => {
  const open = () => bench({ part: partByName("f407"), before: pattern(64) });

  it.each([
    [
      "reads that time out, and an RDP byte that reads wrong each time",
      (transport: DfuTransport) =>
        bending(
          bending(transport, FLASH, silence),
          OPTIONS,
          rdpByte(0x55, () => true),
        ),
      "RDP byte 0x55",
    ],
    [
      "false refusals, and an RDP byte that reads wrong once",
      (transport: DfuTransport) =>
        refusingFlash(
          bending(
            transport,
            OPTIONS,
            rdpByte(0x55, (read) => read === 1),
          ),
        ),
      "0x55 and then 0xaa",
    ],
    [
      "false refusals, and option bytes that time out",
      (transport: DfuTransport) => refusingFlash(bending(transport, OPTIONS, silence)),
      "the option bytes cannot be read",
    ],
    ["false refusals alone", refusingFlash, "RDP byte 0xaa, open is 0xaa"],
    [
      "flash reads that stall",
      (transport: DfuTransport) =>
        bending(transport, FLASH, () => Promise.reject(new LinkError(LinkFault.Stall, "STALL"))),
      "0 of 4 reads refused",
    ],
  ])("over a link with %s", async (_, bend, evidence) => {
    const io = open();
    const report = await unprotectUnit({ ...io, transport: bend(io.transport), confirmed });
    expect(report).toMatchObject({
      outcome: "FAIL",
      code: "protection.not_proven",
      touched: false,
    });
    expect(report.detail).toContain(evidence);
    expect(io.destructive).toEqual([]);
    expect(io.unit.flash.read(io.unit.flash.base, 64).data).toEqual(pattern(64));
  });

  it.each([
    ["lost-data=0.3", "lost-status=0.2"],
    ["stall=0.6", "lost-ack=0.2"],
  ])("over a link with %s", async (...faults) => {
    const part = definePart({ family: "F4", sectors: [[4, 64]], transferSize: 16 });
    for (let seed = 1; seed <= 40; seed += 1) {
      const all = faults.map((text) => parseFault(text).fault);
      const io = bench({ part, before: pattern(64), faults: all, seed });
      const report = await unprotectUnit({ ...io, family: "F4", confirmed });
      expect(report.outcome).toBe("FAIL");
      expect(io.destructive).toEqual([]);
    }
  });

  it("that gave content since it arrived, however often it refuses after that", async () => {
    const io = bench({ part: partByName("f072"), before: pattern(64) });
    const { chosen, transport: inner } = choosing(io.transport);
    let reads = 0;
    const transport = refusing(
      inner,
      DfuStatus.ErrVendor,
      Number.POSITIVE_INFINITY,
      (request, value) => {
        if (!isRead(request, value) || (chosen.alternate === OPTIONS && reads === 0)) return false;
        reads += 1;
        return reads > 3;
      },
    );
    const report = await flashUnit({ ...io, transport, image: imageAt(pattern(8192)) });
    expect(report).toMatchObject({ outcome: "FAIL", code: "protection.not_proven", blame: "host" });
    expect(report.detail).toContain("it was read since the unit arrived");
  });
});
