// Two pieces of evidence make a protected unit; less is not proven, and never blamed on it.
import { type FlashReport, flashUnit } from "@flashline/dfu-core";
import {
  DfuRequest,
  DfuStatus,
  LinkError,
  LinkFault,
  wrapTransport,
} from "@flashline/dfu-core/protocol";
import { type Fault, parseFault, partByName } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { bench, imageAt, pattern } from "./bench.ts";
import { answering, isRead, refusing } from "./bent.ts";

const image = imageAt(pattern(300));
const fault = (text: string): Fault => parseFault(text).fault;
const codes = (report: FlashReport) => report.incidents.map((incident) => incident.code);

describe("read protection", () => {
  it.each([
    ["f407", "4 of 4 reads refused, Get Commands answered before and after each"],
    ["u585", "RDP byte 0x00"],
  ])("is called proven on %s: %s", async (name, evidence) => {
    const { flash, destructive } = bench({
      part: partByName(name),
      before: pattern(64),
      faults: [fault("read-protect=1")],
    });
    const report = await flash({ image });
    expect(report).toMatchObject({ outcome: "FAIL", code: "protection.read", linkIncident: false });
    expect(report.detail).toContain(evidence);
    expect(destructive).toEqual([]);
  });

  it("is not called proven where SET_ADDRESS is refused too: a protected ROM executes it", async () => {
    const { flash } = bench({ part: partByName("f407"), faults: [fault("false-vendor=always")] });
    expect(await flash({ image })).toMatchObject({
      outcome: "FAIL",
      code: "protection.not_proven",
      blame: "host",
    });
  });

  it("is a false status when it vanishes", async () => {
    const { flash } = bench({ part: partByName("f407"), faults: [fault("false-vendor=2")] });
    const report = await flash({ image });
    expect(report.outcome).toBe("PASS");
    expect(codes(report)).toContain("link.false_status");
  });
});

describe("read protection is not called proven", () => {
  const protectedUnit = () =>
    bench({
      part: partByName("f407"),
      before: pattern(64),
      faults: [parseFault("read-protect=1").fault],
    });

  it("where the host cannot reset the bus", async () => {
    const { transport, clock } = protectedUnit();
    const report = await flashUnit({
      image,
      clock,
      transport: wrapTransport(transport, { reset: () => Promise.resolve(false) }),
    });
    expect(report).toMatchObject({ code: "protection.not_proven", blame: "host" });
    expect(report.detail).toContain("no bus reset possible");
  });

  it("where Get Commands brings nothing", async () => {
    const { transport, clock } = protectedUnit();
    const report = await flashUnit({
      image,
      clock,
      transport: answering(transport, (request, value) =>
        request === DfuRequest.Upload && value === 0 ? new Uint8Array() : undefined,
      ),
    });
    expect(report).toMatchObject({ code: "protection.not_proven" });
    expect(report.detail).toContain("Get Commands not answered each time");
  });

  it("from option bytes whose memory cannot be chosen", async () => {
    const { transport, clock } = bench({
      part: partByName("u585"),
      before: pattern(64),
      faults: [parseFault("read-protect=1").fault],
    });
    const report = await flashUnit({
      image,
      clock,
      transport: wrapTransport(transport, {
        selectAlternate: (alternate, signal) =>
          alternate === 0
            ? transport.selectAlternate(alternate, signal)
            : Promise.reject(new LinkError(LinkFault.Stall, "no such alternate")),
      }),
    });
    expect(report).toMatchObject({ code: "protection.not_proven" });
    expect(report.detail).toContain("the option bytes cannot be read");
  });

  it("from option bytes that are refused once and read once", async () => {
    const { transport, clock } = bench({
      part: partByName("u585"),
      before: pattern(64),
      faults: [parseFault("read-protect=1").fault],
    });
    let alternate = 0;
    const chosen = wrapTransport(transport, {
      selectAlternate: (wanted, signal) => {
        alternate = wanted;
        return transport.selectAlternate(wanted, signal);
      },
      reenumerate: (deadlineMs, signal) => {
        alternate = 0;
        return transport.reenumerate(deadlineMs, signal);
      },
    });
    const report = await flashUnit({
      image,
      clock,
      transport: refusing(
        chosen,
        ...([DfuStatus.ErrVendor, 1] as const),
        (request, value) => alternate !== 0 && isRead(request, value),
      ),
    });
    expect(report).toMatchObject({ code: "protection.not_proven" });
    expect(report.detail).toContain("the RDP byte read refused and then 0x");
  });
});
