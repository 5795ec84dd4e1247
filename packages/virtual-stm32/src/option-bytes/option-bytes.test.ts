import { DfuRequest, DfuState, DfuStatus } from "@flashline/dfu-core/protocol";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../clock/virtual-clock.ts";
import type { Fault } from "../faults/fault.ts";
import { PARTS, type Part, partByName } from "../parts/index.ts";
import { BASE, bytes, testHost, tiny } from "../testing/host.ts";
import { createVirtualUnit } from "../unit/virtual-unit.ts";
import { putLevel } from "./option-bytes.ts";
import { optionRules } from "./rules.ts";

function bench(fault: Fault, part: Part) {
  const clock = new VirtualClock();
  const unit = createVirtualUnit({ part, clock, faults: [fault] });
  return { unit, host: testHost(unit, clock), clock };
}

describe("option bytes", () => {
  const OPTIONS = 0x1fff_f800;
  const open = [0xaa, 0x55, ...Array.from({ length: 7 }, () => [0xff, 0x00]).flat()];
  const part: Part = {
    ...tiny("F0"),
    extra: [{ kind: "options", base: OPTIONS, size: 16, content: open }],
  };
  const none: Fault = { kind: "serial", serial: "A" };
  const changed = (at: number, ...bytes: readonly number[]): Uint8Array => {
    const block = Uint8Array.from(open);
    block.set(bytes, at);
    return block;
  };

  it("written with another RDP byte protect; only Read Unprotect leads back, to a blank flash", () => {
    const { unit, host, clock } = bench(none, part);
    const back = (): void => clock.advance(unit.backInMs ?? 0);
    host.write(BASE, bytes(16));
    expect(host.write(OPTIONS, changed(0, 0x00, 0xff))).toBeUndefined();
    back();
    unit.powerCycle();
    back();
    expect(host.read(BASE, 16).kind).toBe("stall");
    host.out(DfuRequest.ClrStatus, 0);
    expect(host.read(OPTIONS, 16).kind).toBe("stall");
    host.out(DfuRequest.ClrStatus, 0);
    expect(host.write(OPTIONS, Uint8Array.from(open))).toMatchObject({
      status: DfuStatus.ErrVendor,
    });
    host.out(DfuRequest.ClrStatus, 0);
    host.out(DfuRequest.Dnload, 0, Uint8Array.of(0x92));
    host.status();
    back();
    expect(host.read(BASE, 16)).toMatchObject({ data: new Uint8Array(16).fill(0xff) });
    expect(host.read(OPTIONS, 16)).toMatchObject({ data: Uint8Array.from(open) });
    expect(unit.illegal).toEqual([]);
  });

  it.each([
    ...(["f107", "f303", "f407", "f429", "f767", "h743", "h7a3"] as const).map(
      (name) => [name, "the reset after the write"] as const,
    ),
    ...(["f072", "l072", "l152", "l476", "g474", "l552", "wb55", "u585"] as const).map(
      (name) => [name, "the next power-on"] as const,
    ),
  ])("of %s: a higher RDP level counts from %s", (name, from) => {
    for (const level of [1, 2] as const) {
      const { unit, host, clock } = bench(none, partByName(name));
      const back = (): void => {
        clock.advance(unit.backInMs ?? 0);
        // Some ROMs start there.
        if (host.state() === DfuState.Error) host.out(DfuRequest.ClrStatus, 0);
      };
      back();
      const rules = optionRules(unit.part.family);
      const { base, size } = unit.part.extra.find(({ kind }) => kind === "options") ?? {
        base: 0,
        size: 0,
      };
      const reply = host.read(base, size);
      const block = reply.kind === "data" ? reply.data.slice() : new Uint8Array(size);
      putLevel(rules, block, level);
      host.write(base, block);
      back();
      const protectedAfter = [unit.protection];
      if (unit.protection === 0) {
        // The new byte shows, and does not count yet; a bus reset is no power-on.
        expect(host.read(base, size)).toMatchObject({ data: block });
        unit.busReset();
        expect(host.read(BASE, 16).kind).toBe("data");
      }
      unit.powerCycle();
      back();
      protectedAfter.push(unit.protection);
      expect(protectedAfter).toEqual([from === "the next power-on" ? 0 : level, level]);
      expect(unit.mode).toBe(level === 2 ? "absent" : "bootloader");
    }
  });

  it.each(PARTS.map((part) => [part.name, part] as const))(
    "of a fresh %s change nothing when it is switched off and on",
    (_, fresh) => {
      const { unit, host, clock } = bench(none, fresh);
      const look = () => {
        clock.advance(unit.backInMs ?? 0);
        if (host.state() === DfuState.Error) host.out(DfuRequest.ClrStatus, 0);
        return {
          memories: fresh.extra.map(({ base, size }) => host.read(base, size)),
          flash: host.read(unit.flash.base, 16),
          protection: unit.protection,
          protectedSectors: [...unit.flash.protectedSectors],
        };
      };
      const before = look();
      expect(before).toMatchObject({
        protection: 0,
        protectedSectors: [],
        flash: { kind: "data" },
      });
      unit.powerCycle();
      expect(look()).toEqual(before);
    },
  );

  it("level 2 is for ever", () => {
    const { unit, host, clock } = bench(none, part);
    host.write(OPTIONS, changed(0, 0xcc, 0x33));
    clock.advance(60_000);
    unit.powerCycle();
    clock.advance(60_000);
    expect(unit.mode).toBe("absent");
  });

  it("with a wrong complement protect, and the host that wrote them was wrong", () => {
    const { unit, host, clock } = bench(none, part);
    host.write(OPTIONS, changed(0, 0xaa, 0xff));
    clock.advance(unit.backInMs ?? 0);
    unit.powerCycle();
    clock.advance(unit.backInMs ?? 0);
    expect(host.read(BASE, 16).kind).toBe("stall");
    expect(unit.illegal).toEqual(["options.complement: wrong at offset 0"]);
  });

  it("torn by a power cut protect, and a part of a block is no block", () => {
    const cut: Fault = { kind: "power-cut", afterBytes: 4, backAfterMs: 10 };
    const torn = bench(cut, part);
    torn.host.write(OPTIONS, Uint8Array.from(open));
    torn.clock.advance(torn.unit.backInMs ?? 0);
    expect(torn.host.read(BASE, 16).kind).toBe("stall");
    const { unit, host } = bench(none, part);
    host.write(OPTIONS, Uint8Array.of(0xaa, 0x55));
    expect(unit.illegal).toEqual(["options.partial: 2 bytes at offset 0"]);
  });

  it("protect sectors against writing: a bit a sector, twelve a block on F42x", () => {
    const { unit, host, clock } = bench(none, partByName("f429"));
    const second = 0x1ffe_c000;
    const reply = host.read(second, 16);
    const block = reply.kind === "data" ? reply.data : new Uint8Array(16);
    block[8] = 0xfe;
    host.write(second, block);
    clock.advance(unit.backInMs ?? 0);
    expect([...unit.flash.protectedSectors]).toEqual([12]);
  });

  it("of H7 are programmed by the second of each pair of registers", () => {
    const { unit, host, clock } = bench(none, partByName("h743"));
    const at = 0x5200_201c;
    const reply = host.read(at, 128);
    const block = reply.kind === "data" ? reply.data : new Uint8Array(128);
    block[0] = 0x00;
    block[4] = 0xf4;
    host.write(at, block);
    clock.advance(unit.backInMs ?? 0);
    const after = host.read(at, 128);
    expect(after.kind === "data" && [after.data[0], after.data[4]]).toEqual([0xf4, 0xf4]);
    expect(unit.illegal).toEqual([]);
  });
});
