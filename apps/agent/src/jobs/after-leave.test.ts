import { FlashlineError, type Recipe } from "@flashline/contract";
import { flashUnit } from "@flashline/dfu-core";
import { parseImage } from "@flashline/dfu-core/image";
import type { PortOccupant, UnitSource } from "@flashline/usb-host";
import {
  attachInProcess,
  createVirtualUnit,
  type Fault,
  partByName,
  type ShownApplication,
  VirtualClock,
  type VirtualUnit,
} from "@flashline/virtual-stm32";
import { expect, it } from "vitest";
import { expectedAfterLeave, seenAfterLeave } from "./after-leave.ts";

const START = 0x0800_0000;
/** Where the application of the label's test has its serial. */
const LABEL = 0x100;

/** Firmware that a chip starts, with `label` where it has its serial; or that no chip starts. */
function firmware({ label = "", starts = true } = {}): Uint8Array {
  const bytes = Buffer.alloc(0x400, 0x5a);
  bytes.writeUInt32LE(0x2000_1000, 0);
  bytes.writeUInt32LE(starts ? START + 0x201 : 0xffff_ffff, 4);
  bytes.write(`${label}\0`, LABEL, "latin1");
  return bytes;
}
const showing = (serial: ShownApplication["serial"]): ShownApplication => ({
  vendorId: 0x0483,
  productId: 0x5740,
  serial,
});
const text = (serial: string) => showing({ kind: "text", text: serial });

function serialOf(unit: VirtualUnit): string {
  const index = unit.descriptor(1, 0)?.[16] ?? 0;
  const bytes = index === 0 ? undefined : unit.descriptor(3, index);
  return Buffer.from(bytes?.subarray(2) ?? []).toString("utf16le");
}

/** What sysfs would show of the unit. */
function sourceOf(unit: VirtualUnit): UnitSource {
  const occupant = (): PortOccupant | undefined =>
    unit.onBus
      ? {
          vendorId: unit.summary.vendorId,
          productId: unit.summary.productId,
          serial: serialOf(unit),
          deviceNumber: unit.deviceNumber,
          kind: unit.mode === "bootloader" ? "bootloader" : "application",
        }
      : undefined;
  return {
    list: () => Promise.resolve([]),
    watch: () => ({ close: () => Promise.resolve() }),
    open: () => Promise.resolve(attachInProcess(unit)),
    deviceOn: () => Promise.resolve(occupant()),
    close: () => Promise.resolve(),
  };
}

interface Case {
  readonly application?: ShownApplication;
  readonly image?: Uint8Array;
  readonly faults?: readonly Fault[];
  /** iSerialNumber of the bootloader. */
  readonly serial?: string;
  /** What hands do while the station looks. */
  readonly meanwhile?: (unit: VirtualUnit, clock: VirtualClock) => Promise<void>;
  readonly expect?: Recipe["expectAfterLeave"];
}
const EQUALS: Recipe["expectAfterLeave"] = {
  show: "0483:5740",
  serial: { from: "serial" },
  withinSeconds: 5,
};

/** Flashes a virtual unit for the scanned SN1, leaves, and looks. */
async function started(of: Case) {
  const clock = new VirtualClock();
  const unit = createVirtualUnit({
    part: partByName("f072"),
    clock,
    faults: of.faults ?? [],
    ...(of.application === undefined ? {} : { application: of.application }),
    ...(of.serial === undefined ? {} : { serial: of.serial }),
  });
  const source = sourceOf(unit);
  const recipe = { remainder: "discard", profile: "standard", leave: true } as const;
  const wanted = { ...recipe, expectAfterLeave: of.expect ?? EQUALS } as Recipe;
  const after = expectedAfterLeave(wanted, "SN1", source);
  const flashed = await flashUnit({
    transport: attachInProcess(unit),
    clock,
    chip: "STM32F072",
    leave: true,
    image: parseImage(of.image ?? firmware(), { name: "app.bin", format: "raw" }),
  });
  expect(flashed).toMatchObject({ outcome: "PASS" });
  const at = { portPath: "1-1", scanned: "SN1" };
  const [{ report, application }] = await Promise.all([
    seenAfterLeave(flashed, after, at, source, clock),
    of.meanwhile?.(unit, clock),
  ]);
  expect(unit.illegal).toEqual([]);
  return { outcome: report.outcome, code: report.code, detail: report.detail, application };
}

it("passes a unit that shows the scanned serial, whatever its letters are, and keeps what was seen", async () => {
  expect(await started({ application: text("sn1") })).toMatchObject({
    outcome: "PASS",
    application: { expected: "SN1", serial: "sn1", ids: "0483:5740" },
  });
});

it("passes a unit that shows what the rule makes of the serial, out of its flash", async () => {
  const serial = { from: "serial", pattern: "[A-Z]+([0-9])", text: "PSU-{1}/{serial}" } as const;
  const application = showing({ kind: "flash", address: START + LABEL, length: 32 });
  const asked = { serial, withinSeconds: 5 };
  const image = firmware({ label: "PSU-1/SN1" });
  expect(await started({ application, image, expect: asked })).toMatchObject({
    outcome: "PASS",
    application: { expected: "PSU-1/SN1", serial: "PSU-1/SN1" },
  });
  const other = firmware({ label: "PSU-1/SN2" });
  expect(await started({ application, image: other, expect: asked })).toMatchObject({
    code: "leave.other_serial",
  });
});

it("finds units that were swapped, and says which serial the unit in the nest shows", async () => {
  expect(await started({ application: text("SN2") })).toMatchObject({
    outcome: "FAIL",
    code: "leave.other_serial",
    detail: expect.stringMatching(/^SN1 was scanned, but the application shows the serial SN2/),
    application: { expected: "SN1", serial: "SN2" },
  });
  // A longer serial with the same beginning is another unit. So is a part of the serial.
  for (const near of ["SN12", "SN", "XSN1"]) {
    expect(await started({ application: text(near) })).toMatchObject({
      code: "leave.other_serial",
    });
  }
});

it("is not persuaded by the right unit that is plugged in after the wrong one was seen", async () => {
  const end = await started({
    application: text("SN2"),
    meanwhile: async (unit, clock) => {
      await clock.sleep(1500);
      unit.showApplication(text("SN1"));
      unit.unplug(200);
    },
  });
  expect(end).toMatchObject({ code: "leave.other_serial", application: { serial: "SN2" } });
});

it("fails an application that has no serial, and one that is not there, each with its own code", async () => {
  expect(await started({ application: showing({ kind: "none" }) })).toMatchObject({
    outcome: "FAIL",
    code: "leave.no_serial",
    application: { serial: null, ids: "0483:5740" },
  });
  expect(await started({})).toMatchObject({
    outcome: "FAIL",
    code: "leave.not_seen",
    detail: "the port shows nothing",
    application: { serial: null, ids: null },
  });
  const odd = { vendorId: 0x1209, productId: 1, serial: { kind: "text", text: "SN1" } } as const;
  expect(await started({ application: odd })).toMatchObject({
    code: "leave.not_seen",
    detail: "the port shows 1209:0001",
  });
});

it("fails an application that comes late, and passes the same one where it may", async () => {
  const late: Case = { application: text("SN1"), faults: [{ kind: "slow-boot", ms: 6000 }] };
  expect(await started(late)).toMatchObject({ code: "leave.not_seen" });
  const patient = { serial: { from: "serial" }, withinSeconds: 20 } as const;
  expect(await started({ ...late, expect: patient })).toMatchObject({ outcome: "PASS" });
});

it("tells a unit that is in its bootloader again from one that shows nothing, also where that has the scanned serial", async () => {
  const dead = firmware({ starts: false });
  const end = { outcome: "FAIL", code: "leave.bootloader", application: { serial: null } };
  expect(await started({ application: text("SN1"), image: dead })).toMatchObject(end);
  const any = { serial: { from: "serial" }, withinSeconds: 5 } as const;
  expect(await started({ image: dead, serial: "SN1", expect: any })).toMatchObject(end);
});

it("fails a unit that is pulled while it starts, also when another one is put in its place", async () => {
  const pulled = async (unit: VirtualUnit, clock: VirtualClock) => {
    await clock.sleep(200);
    unit.unplug();
  };
  const application = text("SN1");
  expect(await started({ application, meanwhile: pulled })).toMatchObject({
    code: "leave.not_seen",
    detail: "the port shows nothing",
  });
  const replaced = async (unit: VirtualUnit, clock: VirtualClock) => {
    await pulled(unit, clock);
    unit.replace({ serial: "SN1" });
  };
  expect(await started({ application, meanwhile: replaced })).toMatchObject({
    code: "leave.bootloader",
  });
});

it("refuses before the first erase what it could never see, and a serial that the rule is not for", () => {
  const source = sourceOf(
    createVirtualUnit({ part: partByName("f072"), clock: new VirtualClock() }),
  );
  const { deviceOn: _, ...blind } = source;
  const refusal = (expectAfterLeave: Recipe["expectAfterLeave"], from: UnitSource = source) => {
    try {
      expectedAfterLeave({ expectAfterLeave } as Recipe, "SN1", from);
      return "taken";
    } catch (error) {
      return error instanceof FlashlineError ? error.code : error;
    }
  };
  const ruled = (rule: object) => ({
    serial: { from: "serial" as const, ...rule },
    withinSeconds: 5,
  });
  expect(refusal(ruled({}))).toBe("taken");
  expect(refusal(ruled({}), blind)).toBe("preflight.virtual_unit");
  expect(refusal(ruled({ pattern: "PSU-.*" }))).toBe("preflight.serial_malformed");
  expect(refusal(ruled({ pattern: "SN1(X?)", text: "{1}" }))).toBe("preflight.serial_malformed");
  expect(refusal(ruled({ pattern: "(" }))).toBe("release.manifest_invalid");
});
