import {
  type FlashOptions,
  type FlashReport,
  flashUnit,
  parseImage,
  type SnapshotStore,
} from "@flashline/dfu-core";
import {
  attachInProcess,
  createVirtualUnit,
  definePart,
  type Fault,
  type Part,
  type Timing,
  VirtualClock,
  type VirtualUnit,
} from "@flashline/virtual-stm32";
import { expect } from "vitest";

/** Four sectors of 64 bytes, transfers of 16: every boundary is near. */
export const tinyF4 = definePart({
  family: "F4",
  sectors: [
    [2, 64],
    [2, 128],
  ],
  transferSize: 16,
});

export interface BenchOptions {
  readonly part?: Part;
  readonly faults?: readonly Fault[];
  readonly seed?: number;
  readonly timing?: Timing;
  /** What the flash held before, from its base. */
  readonly before?: Uint8Array;
  readonly serial?: string;
  /** The unit sits on a hub that switches the power of its port. */
  readonly powerSwitch?: boolean;
  /** The hub can be asked whether something is connected. */
  readonly portStatus?: boolean;
}

/** One virtual unit on a virtual clock, with a watcher on the wire. */
export function bench(options: BenchOptions = {}) {
  const clock = new VirtualClock();
  const part = options.part ?? tinyF4;
  const unit = createVirtualUnit({
    part,
    clock,
    timing: options.timing ?? "typical",
    faults: options.faults ?? [],
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.serial === undefined ? {} : { serial: options.serial }),
  });
  if (options.before !== undefined) unit.flash.load(part.flash.base, options.before);
  const destructive = watch(unit);
  const transport = attachInProcess(unit, clock, {
    powerSwitch: options.powerSwitch ?? false,
    portStatus: options.portStatus ?? false,
  });
  const flash = async (
    flashOptions: FlashOptions & { readonly snapshots?: SnapshotStore },
  ): Promise<FlashReport> => {
    const report = await flashUnit({ transport, clock, ...flashOptions });
    expectNothingUnasked(unit, destructive);
    return report;
  };
  return { clock, part, unit, transport, destructive, flash };
}

/** By the wire and by the unit's own count. */
export function expectNothingUnasked(unit: VirtualUnit, destructive: readonly string[]): void {
  expect(destructive).toEqual([]);
  const { massErases, readUnprotects, optionWrites } = unit.counters;
  expect({ massErases, readUnprotects, optionWrites }).toEqual({
    massErases: 0,
    readUnprotects: 0,
    optionWrites: 0,
  });
}

/** What must never be sent unasked (rule 4, docs/protocol.md): read unprotect, mass erase, data to anything but flash. */
function watch(unit: VirtualUnit): readonly string[] {
  const seen: string[] = [];
  let pointer = unit.flash.base;
  unit.onTransfer((setup, data) => {
    if (setup.requestType !== 0x21 || setup.request !== 1) return;
    if (setup.value === 0 && (data[0] === 0x21 || data[0] === 0x41) && data.length === 5) {
      const address = new DataView(data.buffer, data.byteOffset).getUint32(1, true);
      if (data[0] === 0x41 && !unit.flash.contains(address)) seen.push("erase outside the flash");
      pointer = address;
    }
    // What an image has for it goes there by the same requests; tests compare its content.
    const inEeprom = unit.eeprom?.contains(pointer) === true;
    if (setup.value >= 2 && data.length > 0 && !unit.flash.contains(pointer) && !inEeprom)
      seen.push("write outside the flash");
    if (setup.value === 0 && data[0] === 0x92) seen.push("read unprotect");
    if (setup.value === 0 && data[0] === 0x41 && data.length === 1) seen.push("mass erase");
    if (setup.value >= 2 && data.length > 0 && unit.alternate !== 0 && !inEeprom)
      seen.push("write to another alternate");
  });
  return seen;
}

export const pattern = (length: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 31 + seed * 17 + (index >> 5)) & 0xff);

export const imageAt = (data: Uint8Array, address = 0x08000000) =>
  parseImage(data, { address, format: "raw" });

/** Snapshot storage in memory, with a record of what was asked of it. */
export function memoryStore() {
  const kept = new Map<string, Uint8Array>();
  const asked: string[] = [];
  const store: SnapshotStore = {
    load: (name) => {
      asked.push("load");
      return Promise.resolve(kept.get(name)?.slice());
    },
    save: (name, bytes) => {
      asked.push("save");
      kept.set(name, bytes.slice());
      return Promise.resolve();
    },
    forget: (name) => {
      asked.push("forget");
      kept.delete(name);
      return Promise.resolve();
    },
  };
  return { kept, asked, store };
}
