import { hex32 } from "@flashline/dfu-core/protocol";
import type { NorFlash } from "../flash/nor-flash.ts";
import type { Sector } from "../flash/sectors.ts";
import type { Access } from "./memory-access.ts";
import type { Operation } from "./operation.ts";
import type { BootState } from "./state.ts";

/** An operation that can be cut short. */
export interface Interruption {
  /** Bytes that it programs or erases. */
  readonly size: number;
  /** Puts the flash into the state of a power loss after so many of them. */
  stopAt(bytes: number): void;
  /** Puts the flash into the state before the operation. */
  undo(): void;
}

/** Power fails in the operation: finished granules stay, the granule or sector under way is torn. */
export function cutPower(
  operation: Operation,
  afterBytes: number,
  boot: BootState,
  access: Access,
): void {
  const region = operation.kind === "program" ? access.space.at(operation.address) : undefined;
  if (region?.kind === "options" && access.protection === 0) {
    // Erased and not programmed again: at power-on the unit loads a value that protects.
    region.bytes.fill(0xff);
    access.loadOptions();
    access.journal.struck("torn option bytes");
  }
  interruptionOf(operation, boot, access)?.stopAt(afterBytes);
}

/** What a power loss would leave. Ask before the operation is carried out. Undefined when it changes nothing in the flash. */
export function interruptionOf(
  operation: Operation,
  boot: BootState,
  access: Access,
): Interruption | undefined {
  const { flash } = access.space;
  if (access.protection > 0) return undefined;
  switch (operation.kind) {
    case "program": {
      const cells = access.space.cellsAt(operation.address);
      if (!cells?.contains(operation.address, operation.length)) return undefined;
      return programInterruption(operation, boot.buffer, cells, access);
    }
    case "erase": {
      const sector = flash.contains(operation.address)
        ? flash.sectorAt(operation.address)
        : undefined;
      return sector && eraseInterruption([sector], access);
    }
    case "mass-erase":
      return eraseInterruption([...sectorsOf(flash)], access);
    default:
      return undefined;
  }
}

function programInterruption(
  { address, length }: Extract<Operation, { readonly kind: "program" }>,
  buffer: Uint8Array,
  flash: NorFlash,
  { journal }: Access,
): Interruption {
  const { granule } = flash.rules;
  const before = flash.checkpoint(address, length);
  const wanted = buffer.slice(0, Math.ceil(length / granule) * granule);
  return {
    size: length,
    undo: () => flash.restore(before),
    stopAt: (bytes) => {
      const done = Math.floor(Math.min(bytes, length - 1) / granule) * granule;
      flash.restore(before);
      flash.program(address, wanted.subarray(0, done));
      flash.tear(address + done, wanted.subarray(done, done + granule));
      journal.struck(`torn granule at ${hex32(address + done)}`);
    },
  };
}

/** The sectors are erased one after the other. */
function eraseInterruption(
  sectors: readonly Sector[],
  { space: { flash }, journal }: Access,
): Interruption {
  const start = sectors[0]?.start ?? 0;
  const size = sectors.reduce((sum, sector) => sum + sector.size, 0);
  const before = flash.checkpoint(flash.base + start, size);
  return {
    size,
    undo: () => flash.restore(before),
    stopAt: (bytes) => {
      flash.restore(before);
      const at = start + Math.min(bytes, size - 1);
      for (const sector of sectors) {
        if (sector.start > at) return;
        const address = flash.base + sector.start;
        flash.eraseAt(address);
        if (at < sector.start + sector.size) {
          flash.tearErase(address);
          journal.struck(`torn erase at ${hex32(address)}`);
        }
      }
    },
  };
}

function* sectorsOf(flash: NorFlash): Generator<Sector> {
  let address = flash.base;
  for (let sector = flash.sectorAt(address); sector; sector = flash.sectorAt(address)) {
    yield sector;
    address = flash.base + sector.start + sector.size;
    if (!flash.contains(address)) return;
  }
}
