import type { ExtraMemory } from "../parts/index.ts";
import type { NorFlash } from "./nor-flash.ts";

/** Memory that is kept as it is written, byte by byte. */
interface ByteRegion {
  readonly kind: Exclude<ExtraMemory["kind"], "data">;
  readonly base: number;
  readonly bytes: Uint8Array;
}

/** `data`: the data EEPROM. */
export type Region = { readonly kind: "flash" | "data"; readonly flash: NorFlash } | ByteRegion;

/** Everything that the bootloader can address: the flash and the small memories beside it. */
export class AddressSpace {
  readonly flash: NorFlash;
  /** Data EEPROM, on parts that have it. */
  readonly eeprom: NorFlash | undefined;
  readonly #extra: readonly ByteRegion[];

  constructor(
    flash: NorFlash,
    eeprom: NorFlash | undefined,
    extra: readonly ExtraMemory[],
    erasedValue: number,
  ) {
    this.flash = flash;
    this.eeprom = eeprom;
    this.#extra = extra.flatMap(({ kind, size, base, content }) => {
      if (kind === "data") return [];
      const bytes = new Uint8Array(size).fill(erasedValue);
      bytes.set(content ?? []);
      return [{ kind, base, bytes }];
    });
  }

  at(address: number): Region | undefined {
    if (this.flash.contains(address)) return { kind: "flash", flash: this.flash };
    if (this.eeprom?.contains(address)) return { kind: "data", flash: this.eeprom };
    return this.#extra.find(
      (region) => address >= region.base && address < region.base + region.bytes.length,
    );
  }

  /** What is programmed in granules at `address`: flash or data EEPROM. */
  cellsAt(address: number): NorFlash | undefined {
    const region = this.at(address);
    return region !== undefined && "flash" in region ? region.flash : undefined;
  }

  /** The blocks of option bytes; RDP stands in the first. */
  options(): readonly Uint8Array[] {
    return this.#extra.filter(({ kind }) => kind === "options").map(({ bytes }) => bytes);
  }
}
