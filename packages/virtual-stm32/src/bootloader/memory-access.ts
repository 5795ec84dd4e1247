import { DfuStatus, hex32 } from "@flashline/dfu-core/protocol";
import type { AddressSpace } from "../flash/memory.ts";
import type { NorFlash } from "../flash/nor-flash.ts";
import { mismatches, store } from "../option-bytes/option-bytes.ts";
import type { Protection } from "../option-bytes/protection.ts";
import type { OptionRules } from "../option-bytes/rules.ts";
import type { Journal } from "./journal.ts";

export interface Access {
  readonly space: AddressSpace;
  readonly journal: Journal;
  readonly protection: Protection;
  readonly optionRules: OptionRules;
  /** STM32U5 under protection acknowledges writes and drops them, where the others answer errVENDOR. */
  readonly dropsWhenProtected: boolean;
  /** Read unprotect: level 0 again, with the option bytes to match. */
  liftProtection(): void;
  /** Option bytes were written: the chip loads them with the reset that follows. */
  loadOptions(): void;
}

/** Result of a write: a DFU status, or the chip resets because option bytes were loaded. */
export type WriteResult = { readonly status: number; readonly resets: boolean };

const result = (status: number, resets = false): WriteResult => ({ status, resets });

/** The sector that holds `address`. */
export function eraseSector(access: Access, address: number): WriteResult {
  const region = access.space.at(address);
  if (region?.kind !== "flash") return outside(access, "erase", address);
  access.journal.counters.erases += 1;
  if (access.protection > 0) return refused(access);
  region.flash.eraseAt(address);
  return result(DfuStatus.Ok);
}

/**
 * Programs `length` bytes of the buffer. The ROM writes whole granules: a length that ends inside one takes what lies behind
 * the block in the buffer.
 */
export function programBlock(
  access: Access,
  address: number,
  length: number,
  buffer: Uint8Array,
): WriteResult {
  const region = access.space.at(address);
  if (!region) return outside(access, "program", address);
  access.journal.counters.programs += 1;
  if ("flash" in region) return programCells(access, region.flash, address, length, buffer);
  if (access.protection > 0) return refused(access);
  const offset = address - region.base;
  const data = buffer.subarray(0, Math.min(length, region.bytes.length - offset));
  if (region.kind === "options") return programOptions(access, region.bytes, offset, data);
  const isOtp = region.kind === "otp";
  data.forEach((byte, index) => {
    const old = region.bytes[offset + index] ?? 0;
    region.bytes[offset + index] = isOtp ? old & byte : byte;
  });
  return result(DfuStatus.Ok);
}

/** Option bytes are written whole; the chip loads them with the reset that follows. */
function programOptions(
  access: Access,
  bytes: Uint8Array,
  offset: number,
  data: Uint8Array,
): WriteResult {
  access.journal.counters.optionWrites += 1;
  if (offset !== 0 || data.length !== bytes.length) {
    access.journal.reject("options.partial", `${data.length} bytes at offset ${offset}`);
  }
  const written = bytes.slice();
  written.set(data, offset);
  const wrong = mismatches(access.optionRules, written);
  if (wrong.length > 0) {
    access.journal.reject("options.complement", `wrong at offset ${wrong.join(", ")}`);
  }
  store(access.optionRules, bytes, written);
  access.loadOptions();
  return result(DfuStatus.Ok, true);
}

function programCells(
  access: Access,
  flash: NorFlash,
  address: number,
  length: number,
  buffer: Uint8Array,
): WriteResult {
  const { granule } = flash.rules;
  const whole = Math.ceil(length / granule) * granule;
  if (whole !== length || address % granule !== 0) {
    access.journal.reject(
      "program.unaligned",
      `${length} bytes at ${hex32(address)}, granule ${granule}`,
    );
  }
  if (access.protection > 0) return refused(access);
  if (!flash.contains(address, whole)) return outside(access, "program", address + whole - 1);
  switch (flash.program(address, buffer.subarray(0, whole))) {
    case "ok":
      return result(DfuStatus.Ok);
    case "unaligned":
      return result(DfuStatus.ErrAddress);
    case "error":
      access.journal.reject("program.not_erased", `at ${hex32(address)}`);
      return result(DfuStatus.ErrProg);
    case "twice":
      access.journal.reject("program.twice", `at ${hex32(address)}`);
      return result(DfuStatus.Ok);
  }
}

export type ReadResult =
  | { readonly kind: "data"; readonly data: Uint8Array }
  | { readonly kind: "refused"; readonly status: number }
  /** The core faults on a granule whose ECC does not match. */
  | { readonly kind: "fault"; readonly address: number };

export function readBlock(access: Access, address: number, length: number): ReadResult {
  const region = access.space.at(address);
  if (!region) {
    outside(access, "upload", address);
    return { kind: "refused", status: DfuStatus.ErrTarget };
  }
  const [base, size] =
    "flash" in region ? [region.flash.base, region.flash.size] : [region.base, region.bytes.length];
  if (address + length > base + size) outside(access, "upload", base + size);
  const shown = region.kind === "options" && access.optionRules.readableProtected;
  if (access.protection > 0 && !shown) return { kind: "refused", status: DfuStatus.ErrVendor };
  if (!("flash" in region)) {
    const offset = address - region.base;
    return { kind: "data", data: region.bytes.slice(offset, offset + length) };
  }
  const { data, faultAt } = region.flash.read(address, length);
  return faultAt === undefined ? { kind: "data", data } : { kind: "fault", address: faultAt };
}

/** What a protected chip makes of erases and writes of its flash. */
export function refused(access: Access): WriteResult {
  return result(access.dropsWhenProtected ? DfuStatus.Ok : DfuStatus.ErrVendor);
}

export function outside(access: Access, what: string, address: number): WriteResult {
  access.journal.reject(`${what}.outside`, `no memory at ${hex32(address)}`);
  return result(DfuStatus.ErrTarget);
}
