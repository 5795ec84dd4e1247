import { type FamilyRules, SecondProgram, type SectorRun } from "../parts/index.ts";
import type { Random } from "../random.ts";
import { type Sector, sectorAt, sectorByIndex, totalSize } from "./sectors.ts";

/** `error`: the controller refuses. `twice`: a granule was programmed a second time where that destroys it. */
export type ProgramResult = "ok" | "unaligned" | "error" | "twice";

export interface FlashRead {
  readonly data: Uint8Array;
  /** Address of a granule whose ECC does not match: reading it faults the reader. */
  readonly faultAt: number | undefined;
}

/** Content of a range, with what the controller knows of its granules. */
export interface Checkpoint {
  readonly start: number;
  readonly bytes: Uint8Array;
  readonly granules: Uint8Array;
  readonly marginal: readonly (readonly [offset: number, mask: number])[];
}

const Granule = { Erased: 0, Programmed: 1, Unreadable: 2 } as const;

/** NOR flash with the rules of its family, or its data EEPROM. Addresses are absolute; the caller has checked that they are inside. */
export class NorFlash {
  readonly base: number;
  readonly size: number;
  readonly rules: FamilyRules;
  /** Sectors that keep their content through erase and program and raise no error (AN2662, write protection). */
  readonly protectedSectors = new Set<number>();
  /** Bits that never change: address → [mask, value]. */
  readonly stuck = new Map<number, readonly [mask: number, value: number]>();
  readonly #sectors: readonly SectorRun[];
  readonly #random: Random;
  readonly #bytes: Uint8Array;
  readonly #granules: Uint8Array;
  /** Cells left between 0 and 1 by a power cut: offset → mask of bits that read differently each time. */
  readonly #marginal = new Map<number, number>();

  constructor(
    place: { readonly base: number; readonly sectors: readonly SectorRun[] },
    rules: FamilyRules,
    random: Random,
  ) {
    this.base = place.base;
    this.#sectors = place.sectors;
    this.size = totalSize(place.sectors);
    this.rules = rules;
    this.#random = random;
    this.#bytes = new Uint8Array(this.size).fill(rules.erasedValue);
    this.#granules = new Uint8Array(rules.ecc ? this.size / rules.granule : 0);
  }

  contains(address: number, length = 1): boolean {
    return address >= this.base && address + length <= this.base + this.size;
  }

  sectorAt(address: number): Sector | undefined {
    return sectorAt(this.#sectors, address - this.base);
  }

  read(address: number, length: number): FlashRead {
    const offset = address - this.base;
    const data = this.#bytes.slice(offset, offset + length);
    for (const [at, mask] of this.#marginal) {
      const byte = data[at - offset];
      if (byte !== undefined) data[at - offset] = byte ^ (this.#random.integer(256) & mask);
    }
    for (const [at, [mask, value]] of this.stuck) {
      const byte = data[at - address];
      if (byte !== undefined) data[at - address] = (byte & ~mask) | (value & mask);
    }
    return { data, faultAt: this.#faultIn(offset, length) };
  }

  /** The sector that holds `address`. */
  eraseAt(address: number): void {
    const sector = this.sectorAt(address);
    if (sector) this.#erase(sector);
  }

  /** Every sector that is not write protected. */
  eraseAll(): void {
    let sector = sectorByIndex(this.#sectors, 0);
    while (sector) {
      this.#erase(sector);
      sector = sectorByIndex(this.#sectors, sector.index + 1);
    }
  }

  /** Programs whole granules; `data.length` is a multiple of the granule. Stops at the first refused one. */
  program(address: number, data: Uint8Array): ProgramResult {
    const { granule } = this.rules;
    const offset = address - this.base;
    if (offset % granule !== 0 || data.length % granule !== 0) return "unaligned";
    let result: ProgramResult = "ok";
    for (let at = 0; at < data.length; ) {
      const sector = sectorAt(this.#sectors, offset + at);
      const end = sector ? Math.min(data.length, sector.start + sector.size - offset) : data.length;
      if (!sector || !this.protectedSectors.has(sector.index)) {
        const part = this.#programRange(offset + at, data.subarray(at, end));
        if (part === "error") return "error";
        if (part === "twice") result = "twice";
      }
      at = end;
    }
    return result;
  }

  /** Power failed while the granule at `address` was programmed: unreadable with ECC, between old and new without. */
  tear(address: number, wanted: Uint8Array): void {
    const { granule, ecc } = this.rules;
    const start = Math.floor((address - this.base) / granule) * granule;
    if (this.#isProtected(start)) return;
    const erasesFirst = this.rules.secondProgram === SecondProgram.Replace;
    for (let index = 0; index < granule; index += 1) {
      const at = start + index;
      const old = this.#bytes[at] ?? 0;
      const next = wanted[index] ?? old;
      const moved = erasesFirst ? old | next : old ^ next;
      this.#bytes[at] = old ^ (moved & this.#random.integer(256));
      if (!ecc) this.#marginal.set(at, moved & this.#random.integer(256));
    }
    if (ecc) this.#granules[start / granule] = Granule.Unreadable;
  }

  /** Power failed while the sector at `address` was erased: it holds neither the old content nor the erased value. */
  tearErase(address: number): void {
    const sector = this.sectorAt(address);
    if (!sector || this.protectedSectors.has(sector.index)) return;
    const { granule, ecc } = this.rules;
    for (let at = sector.start; at < sector.start + sector.size; at += granule) {
      if (at > sector.start && !this.#random.chance(0.25)) continue;
      this.#bytes[at] = this.#random.integer(255);
      if (ecc) this.#granules[at / granule] = Granule.Unreadable;
      else this.#marginal.set(at, this.#random.integer(256));
    }
  }

  /** Of the whole granules that hold the range. */
  checkpoint(address: number, length: number): Checkpoint {
    const { granule, ecc } = this.rules;
    const first = Math.floor((address - this.base) / granule);
    const last = Math.ceil((address - this.base + length) / granule);
    const [start, end] = [first * granule, last * granule];
    return {
      start,
      bytes: this.#bytes.slice(start, end),
      granules: ecc ? this.#granules.slice(first, last) : new Uint8Array(),
      marginal: [...this.#marginal].filter(([at]) => at >= start && at < end),
    };
  }

  restore({ start, bytes, granules, marginal }: Checkpoint): void {
    this.#settle(start, start + bytes.length);
    this.#bytes.set(bytes, start);
    if (this.rules.ecc) this.#granules.set(granules, start / this.rules.granule);
    for (const [at, mask] of marginal) this.#marginal.set(at, mask);
  }

  /** Every cell of the range reads the same each time, and no granule faults its reader. */
  isStable(address: number, length: number): boolean {
    const offset = address - this.base;
    const marginal = [...this.#marginal].some(
      ([at, mask]) => mask !== 0 && at >= offset && at < offset + length,
    );
    return !marginal && this.#faultIn(offset, length) === undefined;
  }

  /** What the cells hold, without faults of reading. */
  snapshot(): Uint8Array {
    return this.#bytes.slice();
  }

  /** Sets content as a programmer on SWD would: whole sectors are erased and written, protected or not. */
  load(address: number, data: Uint8Array): void {
    const { granule } = this.rules;
    const offset = address - this.base;
    this.#bytes.set(data, offset);
    this.#settle(offset, offset + data.length);
    if (!this.rules.ecc) return;
    const last = Math.ceil((offset + data.length) / granule);
    this.#granules.fill(Granule.Programmed, Math.floor(offset / granule), last);
  }

  #erase(sector: Sector): void {
    if (this.protectedSectors.has(sector.index)) return;
    const end = sector.start + sector.size;
    this.#bytes.fill(this.rules.erasedValue, sector.start, end);
    this.#settle(sector.start, end);
    if (this.rules.ecc) {
      const { granule } = this.rules;
      this.#granules.fill(Granule.Erased, sector.start / granule, end / granule);
    }
  }

  /** No cell of the range is between 0 and 1 any more. */
  #settle(start: number, end: number): void {
    for (const at of this.#marginal.keys()) {
      if (at >= start && at < end) this.#marginal.delete(at);
    }
  }

  #isProtected(offset: number): boolean {
    const sector = sectorAt(this.#sectors, offset);
    return sector !== undefined && this.protectedSectors.has(sector.index);
  }

  #programRange(offset: number, data: Uint8Array): "ok" | "error" | "twice" {
    const { granule, secondProgram } = this.rules;
    if (secondProgram === SecondProgram.And || secondProgram === SecondProgram.Or) {
      this.#combine(offset, data, secondProgram);
      return "ok";
    }
    let result: "ok" | "twice" = "ok";
    for (let at = 0; at < data.length; at += granule) {
      const one = this.#programGranule(offset + at, data.subarray(at, at + granule));
      if (one === "error") return "error";
      if (one === "twice") result = "twice";
    }
    return result;
  }

  /** Bits move one way only. */
  #combine(offset: number, data: Uint8Array, how: "and" | "or"): void {
    for (let index = 0; index < data.length; index += 1) {
      const old = this.#bytes[offset + index] ?? 0;
      const wanted = data[index] ?? 0;
      this.#bytes[offset + index] = how === "and" ? old & wanted : old | wanted;
    }
  }

  #programGranule(offset: number, data: Uint8Array): "ok" | "error" | "twice" {
    const old = this.#bytes.subarray(offset, offset + data.length);
    const { erasedValue, secondProgram, ecc, granule } = this.rules;
    const blank = ecc
      ? this.#granules[offset / granule] === Granule.Erased
      : old.every((byte) => byte === erasedValue);
    if (ecc) this.#granules[offset / granule] ||= Granule.Programmed;
    if (blank) {
      old.set(data);
      return "ok";
    }
    switch (secondProgram) {
      case SecondProgram.And:
      case SecondProgram.Or:
        this.#combine(offset, data, secondProgram);
        return "ok";
      case SecondProgram.HalfWord:
        if (data.some((byte) => byte !== 0)) return "error";
        old.set(data);
        return "ok";
      case SecondProgram.Refuse:
        return "error";
      case SecondProgram.Replace:
        old.set(data);
        this.#settle(offset, offset + data.length);
        return "ok";
      case SecondProgram.Corrupt:
        this.#combine(offset, data, SecondProgram.And);
        this.#granules[offset / granule] = Granule.Unreadable;
        return "twice";
    }
  }

  #faultIn(offset: number, length: number): number | undefined {
    if (!this.rules.ecc) return undefined;
    const { granule } = this.rules;
    const last = Math.ceil((offset + length) / granule);
    const first = Math.floor(offset / granule);
    const found = this.#granules.subarray(first, last).indexOf(Granule.Unreadable);
    return found < 0 ? undefined : this.base + (first + found) * granule;
  }
}
