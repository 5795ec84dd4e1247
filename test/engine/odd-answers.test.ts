// Answers that no ROM is known to give: the engine ends with a code that names them, and never passes over wrong content.
import { flashUnit, readUnit, unitInfo, verifyUnit } from "@flashline/dfu-core";
import {
  DfuRequest,
  DfuState,
  DfuStatus,
  LinkError,
  LinkFault,
  wrapTransport,
} from "@flashline/dfu-core/protocol";
import { parseFault } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { bench, expectNothingUnasked, imageAt, pattern } from "./bench.ts";
import { answering, isErase, isRead, refusing, status } from "./bent.ts";

const BASE = 0x08000000;
const DATA = pattern(300);
const BEFORE = pattern(384, 9);
const image = imageAt(DATA);
const f4 = { image, family: "F4" } as const;
const range = { family: "F4", address: BASE, length: 384 } as const;

describe("a refusal in the unit's own words", () => {
  it.each([
    [DfuStatus.ErrErase, "flash.erase_failed"],
    [DfuStatus.ErrCheckErased, "flash.erase_failed"],
    [DfuStatus.ErrProg, "flash.write_failed"],
    [DfuStatus.ErrAddress, "flash.address_refused"],
  ])("bStatus %i at every erase: %s, and the flash is as it was", async (bStatus, code) => {
    const { transport, clock, unit } = bench({ before: BEFORE });
    const report = await flashUnit({
      ...f4,
      clock,
      transport: refusing(transport, bStatus, Number.POSITIVE_INFINITY, isErase),
    });
    expect(report).toMatchObject({ outcome: "FAIL", code, blame: "unit" });
    expect(unit.flash.snapshot()).toEqual(BEFORE);
  });

  it("that looks like read protection and vanishes under examination was false", async () => {
    const { transport, clock, unit, destructive } = bench({ before: BEFORE });
    const report = await flashUnit({
      ...f4,
      clock,
      transport: refusing(transport, DfuStatus.ErrVendor, 3, isRead),
    });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
    expect(report.incidents.map(({ code }) => code)).toContain("link.false_status");
    expect(unit.flash.read(BASE, 300).data).toEqual(DATA);
    expectNothingUnasked(unit, destructive);
  });
});

describe("an answer of the wrong length or state", () => {
  it("an UPLOAD that is short is no content", async () => {
    const { transport, clock } = bench({ before: DATA });
    const short = answering(transport, (request, value, length) =>
      request === DfuRequest.Upload && value >= 2 ? new Uint8Array(length - 1) : undefined,
    );
    const read = await readUnit({ ...range, clock, transport: short });
    expect(read).toMatchObject({ outcome: "FAIL", code: "link.desync" });
    expect(read).not.toHaveProperty("data");
    expect(await verifyUnit({ ...f4, clock, transport: short })).toMatchObject({
      code: "link.desync",
    });
  });

  it("a status that is short, once in each phase, costs a resync and nothing else", async () => {
    for (const n of [1, 2, 9, 30, 60]) {
      const { transport, clock, unit } = bench({ before: BEFORE });
      let statuses = 0;
      const report = await flashUnit({
        ...f4,
        clock,
        transport: answering(transport, (request) => {
          if (request !== DfuRequest.GetStatus) return undefined;
          statuses += 1;
          return statuses === n ? Uint8Array.of(0, 0, 0) : undefined;
        }),
      });
      expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
      expect(report.incidents[0]?.code).toBe("link.desync");
      expect(unit.flash.read(BASE, 300).data).toEqual(DATA);
    }
  });

  it("a unit that says it is done before it began is not believed", async () => {
    const { transport, clock } = bench({ before: BEFORE });
    const eager = answering(transport, (request) =>
      request === DfuRequest.GetStatus ? status(DfuStatus.Ok, DfuState.DnloadIdle) : undefined,
    );
    expect(await flashUnit({ ...f4, clock, transport: eager })).toMatchObject({
      outcome: "FAIL",
      code: "link.desync",
    });
  });

  it("a poll that is stalled by a unit in dfuERROR is no early poll", async () => {
    const { transport, clock, unit } = bench({ before: BEFORE });
    let polls = 0;
    const report = await flashUnit({
      ...f4,
      clock,
      transport: wrapTransport(transport, {
        controlIn: (request, value, length, timeoutMs) => {
          if (request === DfuRequest.GetStatus) {
            polls += 1;
            if (polls === 6) {
              // The unit itself goes to dfuIDLE, so its next DNLOAD is not what the stalled one began.
              return transport
                .controlOut(DfuRequest.Abort, 0, new Uint8Array(), timeoutMs)
                .then(() => Promise.reject(new LinkError(LinkFault.Stall, "STALL")));
            }
          }
          return transport.controlIn(request, value, length, timeoutMs);
        },
      }),
    });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
    expect(unit.flash.read(BASE, 300).data).toEqual(DATA);
  });

  it("a status that is short once leave was sent is as good as none", async () => {
    const { transport, clock } = bench({ before: BEFORE });
    let sent = false;
    const leaving = wrapTransport(
      answering(transport, (request) =>
        sent && request === DfuRequest.GetStatus ? Uint8Array.of(0, 0, 0) : undefined,
      ),
      {
        controlOut: (request, value, data, timeoutMs) => {
          sent = request === DfuRequest.Dnload && data.length === 0;
          return transport.controlOut(request, value, data, timeoutMs);
        },
      },
    );
    const report = await flashUnit({ ...f4, clock, transport: leaving, leave: true });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: false });
    expect(sent).toBe(true);
  });

  it("a unit that stays in dfuUPLOAD-IDLE, whatever it is told, is not opened", async () => {
    const { transport, clock, unit } = bench({ before: BEFORE });
    const stuck = answering(transport, (request) =>
      request === DfuRequest.GetState ? Uint8Array.of(DfuState.UploadIdle) : undefined,
    );
    const report = await flashUnit({ ...f4, clock, transport: stuck });
    expect(report).toMatchObject({ outcome: "FAIL", code: "link.desync", touched: false });
    expect(unit.flash.snapshot()).toEqual(BEFORE);
  });

  it("a poll that fails in the middle of an erase costs a wait in dfuDNBUSY", async () => {
    const { transport, clock, unit } = bench({ before: BEFORE });
    let [erasing, polls] = [false, 0];
    const report = await flashUnit({
      ...f4,
      clock,
      transport: wrapTransport(transport, {
        controlOut: (request, value, data, timeoutMs) => {
          erasing = isErase(request, value, data);
          return transport.controlOut(request, value, data, timeoutMs);
        },
        controlIn: async (request, value, length, timeoutMs) => {
          const reply = await transport.controlIn(request, value, length, timeoutMs);
          if (!erasing || request !== DfuRequest.GetStatus) return reply;
          polls += 1;
          // The answer that the erase has begun, and how long it takes, is lost.
          if (polls === 1) throw new LinkError(LinkFault.Io, "EPROTO");
          return reply;
        },
      }),
    });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
    expect(report.incidents.map(({ detail }) => detail).join()).toContain("waited in dfuDNBUSY");
    expect(unit.flash.read(BASE, 300).data).toEqual(DATA);
  });
});

describe("a transport against its contract", () => {
  it("throws what is no error at all, and it is called a bug", async () => {
    const { transport, clock } = bench();
    const broken = wrapTransport(transport, {
      controlIn: () => Promise.reject("oops"),
    });
    expect(await flashUnit({ ...f4, clock, transport: broken })).toMatchObject({
      outcome: "FAIL",
      code: "internal.bug",
      detail: "oops",
    });
    const info = await unitInfo({ clock, transport: broken });
    expect(info.outcome).toBe("FAIL");
    expect(info).not.toHaveProperty("info");
  });

  it("breaks once leave was sent", async () => {
    const { transport, clock } = bench({ before: BEFORE });
    let sent = false;
    const report = await flashUnit({
      ...f4,
      clock,
      leave: true,
      transport: wrapTransport(transport, {
        controlOut: (request, value, data, timeoutMs) => {
          sent = request === DfuRequest.Dnload && data.length === 0;
          return transport.controlOut(request, value, data, timeoutMs);
        },
        controlIn: (request, value, length, timeoutMs) =>
          sent
            ? Promise.reject(new TypeError("odd"))
            : transport.controlIn(request, value, length, timeoutMs),
      }),
    });
    expect(report).toMatchObject({ outcome: "FAIL", code: "internal.bug" });
  });

  it.each(["leaving", "cutting the power"])("breaks while %s", async (when) => {
    const { transport, clock } = bench({
      before: BEFORE,
      faults: when === "leaving" ? [] : [parseFault("busy-wedge=never@4").fault],
    });
    const odd = () => Promise.reject(new TypeError("odd"));
    const report = await flashUnit({
      ...f4,
      clock,
      leave: true,
      transport: wrapTransport(transport, {
        powerCycle: odd,
        controlOut: (request, value, data, timeoutMs) =>
          request === DfuRequest.Dnload && data.length === 0
            ? odd()
            : transport.controlOut(request, value, data, timeoutMs),
      }),
    });
    expect(report).toMatchObject({ outcome: "FAIL", code: "internal.bug" });
  });
});
