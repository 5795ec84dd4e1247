import { DfuStatus } from "@flashline/dfu-core/protocol";
import type { RomTraits } from "../parts/index.ts";
import {
  type Access,
  eraseSector,
  outside,
  programBlock,
  refused,
  type WriteResult,
} from "./memory-access.ts";
import type { Operation } from "./operation.ts";
import type { BootState, Wedge } from "./state.ts";

/** What a fault makes of one operation; an empty object is a healthy one. */
export interface OperationFault {
  readonly wedge?: Wedge;
  /** The wedge follows the operation instead of replacing it. */
  readonly wedgedWhenDone?: boolean;
  /** The flash takes so many times longer. */
  readonly slowFactor?: number;
  /** The flash takes its time, and the bootloader says dfuDNBUSY so many times longer. */
  readonly busyFactor?: number;
  /** The bootloader says at once that it is done. The flash is at work on the sector for the whole time of the operation. */
  readonly reportedEarly?: boolean;
  /** Acknowledged and not done. */
  readonly dropped?: boolean;
  /** Not done, and this status is reported instead. */
  readonly falseStatus?: number;
  /** One bit of the block is wrong before it is programmed. */
  readonly flipBit?: number;
  /** Power fails, or the core is reset, when so many bytes of the block are programmed or of the sector erased. */
  readonly cut?: {
    readonly by: "power" | "reset";
    readonly afterBytes: number;
    readonly backAfterMs: number | undefined;
  };
}

const ended = (status: number, resets = false): WriteResult => ({ status, resets });

/** Carries an operation out, as far as its fault lets it. */
export function perform(
  operation: Operation,
  fault: OperationFault,
  boot: BootState,
  access: Access,
  library: RomTraits["library"],
): WriteResult {
  if (fault.falseStatus !== undefined) return ended(fault.falseStatus);
  if (fault.dropped) return ended(DfuStatus.Ok);
  const { counters } = access.journal;
  switch (operation.kind) {
    case "nothing":
      return ended(DfuStatus.Ok);
    case "unknown":
      access.journal.reject("command.unknown", `${boot.buffer[0]} of ${boot.length} bytes`);
      return ended(library === "acknowledges" ? DfuStatus.Ok : operation.status);
    case "address":
      return setAddress(operation.address, boot, access, library !== undefined);
    case "erase":
      // The library keeps the erased address as its pointer.
      boot.pointer = operation.address;
      return eraseSector(access, operation.address);
    case "mass-erase":
      counters.massErases += 1;
      if (access.protection > 0) return refused(access);
      access.space.flash.eraseAll();
      return ended(DfuStatus.Ok);
    case "unprotect":
      counters.readUnprotects += 1;
      access.space.flash.eraseAll();
      // RM0367, section 3.4: the mass erase of the change from level 1 to level 0 is the whole memory's.
      access.space.eeprom?.eraseAll();
      access.liftProtection();
      return ended(DfuStatus.Ok, true);
    case "program":
      if (fault.flipBit !== undefined) flip(boot.buffer, fault.flipBit, operation.length);
      return programBlock(access, operation.address, operation.length, boot.buffer);
  }
}

function setAddress(
  address: number,
  boot: BootState,
  access: Access,
  unchecked: boolean,
): WriteResult {
  access.journal.counters.setAddresses += 1;
  boot.afterShort = false;
  if (!unchecked && !access.space.at(address)) return outside(access, "address", address);
  boot.pointer = address;
  return ended(DfuStatus.Ok);
}

function flip(buffer: Uint8Array, bit: number, length: number): void {
  const at = Math.floor(bit / 8) % length;
  buffer[at] = (buffer[at] ?? 0) ^ (1 << (bit % 8));
}
