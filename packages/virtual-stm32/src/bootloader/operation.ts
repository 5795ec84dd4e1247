import { DfuSeCommand, DfuStatus } from "@flashline/dfu-core/protocol";
import type { AddressSpace } from "../flash/memory.ts";
import type { Duration, Part } from "../parts/index.ts";
import { eepromRules, family } from "../parts/index.ts";

/** What one DNLOAD asks for, decoded when the first GETSTATUS executes it. */
export type Operation =
  | { readonly kind: "address"; readonly address: number }
  | { readonly kind: "erase"; readonly address: number }
  | { readonly kind: "mass-erase" }
  | { readonly kind: "unprotect" }
  | { readonly kind: "program"; readonly address: number; readonly length: number }
  | { readonly kind: "nothing" }
  | { readonly kind: "unknown"; readonly status: number };

/**
 * What ST's library makes of it: it knows no mass erase and no Read Unprotect and says OK to both, as to block 1 (usbd_dfu.c,
 * USBD_DFU_EP0_TxReady).
 */
export function asLibrary(operation: Operation, block: number): Operation {
  const done = operation.kind === "mass-erase" || operation.kind === "unprotect" || block === 1;
  return done ? { kind: "nothing" } : operation;
}

/** Block 0 holds a command (AN3156, section 5); data starts at block 2. */
export function decode(
  block: number,
  length: number,
  buffer: Uint8Array,
  pointer: number,
  transferSize: number,
): Operation {
  if (block !== 0) {
    return { kind: "program", address: (block - 2) * transferSize + pointer, length };
  }
  const address = new DataView(buffer.buffer, buffer.byteOffset).getUint32(1, true);
  switch (buffer[0]) {
    case DfuSeCommand.GetCommands:
      return length === 1 ? { kind: "nothing" } : UNKNOWN;
    case DfuSeCommand.SetAddress:
      return length === 5 ? { kind: "address", address } : UNKNOWN;
    case DfuSeCommand.Erase:
      if (length === 1) return { kind: "mass-erase" };
      return length === 5 ? { kind: "erase", address } : UNKNOWN;
    case DfuSeCommand.ReadUnprotect:
      return length === 1 ? { kind: "unprotect" } : UNKNOWN;
    default:
      return UNKNOWN;
  }
}

/** It has to wait for the flash, whichever operation is under way there. */
export const usesFlash = ({ kind }: Operation): boolean =>
  kind === "erase" || kind === "mass-erase" || kind === "unprotect" || kind === "program";

const UNKNOWN: Operation = { kind: "unknown", status: DfuStatus.ErrStalledPacket };

/** How long the chip works on it, from its datasheet. */
export function durationOf(operation: Operation, part: Part, space: AddressSpace): Duration {
  const rules = family(part.family);
  switch (operation.kind) {
    case "address":
      return { typical: part.rom.addressPollMs, maximum: part.rom.addressPollMs };
    case "erase": {
      const region = space.at(operation.address);
      const sector =
        region?.kind === "flash" ? region.flash.sectorAt(operation.address) : undefined;
      return sector ? rules.erase(sector.size) : NOTHING;
    }
    case "mass-erase":
    case "unprotect":
      return massErase(part);
    case "program": {
      const isEeprom = space.at(operation.address)?.kind === "data";
      const { programUnit, program } = isEeprom ? eepromRules(part.family) : rules;
      const units = Math.ceil(operation.length / programUnit);
      return { typical: units * program.typical, maximum: units * program.maximum };
    }
    case "nothing":
    case "unknown":
      return NOTHING;
  }
}

const NOTHING: Duration = { typical: 0, maximum: 0 };

function massErase(part: Part): Duration {
  const rules = family(part.family);
  const [first] = part.flash.sectors;
  if (rules.massErase === "as one page" && first) return rules.erase(first[1]);
  let typical = 0;
  let maximum = 0;
  for (const [count, size] of part.flash.sectors) {
    const one = rules.erase(size);
    typical += count * one.typical;
    maximum += count * one.maximum;
  }
  return { typical, maximum };
}

/** FLASH_ERASE_TIME and FLASH_PROGRAM_TIME of ST's examples (usbd_dfu_flash.c). */
const LIBRARY_POLL_MS = 50;

/** The announced time in milliseconds. It does not follow a slow unit, and that is why a host may ask too early. */
export function pollTimeOf(operation: Operation, part: Part, typical: number): number {
  if (part.rom.library !== undefined) return LIBRARY_POLL_MS;
  const truth = operation.kind === "mass-erase" ? (part.rom.massErasePollMs ?? typical) : typical;
  const whole = Math.ceil(truth);
  return part.rom.pollReport === "modulo256" ? whole % 256 : whole;
}
