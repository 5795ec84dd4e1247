import type { ExtraMemory } from "../parts/index.ts";
import type { NorFlash } from "./nor-flash.ts";

export type Region =
  | { readonly kind: "flash"; readonly flash: NorFlash }
  | { readonly kind: ExtraMemory["kind"]; readonly base: number; readonly bytes: Uint8Array };

/** Everything that the bootloader can address: the flash and the small memories beside it. */
export class AddressSpace {
  readonly flash: NorFlash;
  readonly #extra: readonly (Region & { readonly bytes: Uint8Array; readonly base: number })[];

  constructor(flash: NorFlash, extra: readonly ExtraMemory[], erasedValue: number) {
    this.flash = flash;
    this.#extra = extra.map((memory) => {
      const bytes = new Uint8Array(memory.size).fill(memory.kind === "data" ? 0x00 : erasedValue);
      bytes.set(memory.content ?? []);
      return { kind: memory.kind, base: memory.base, bytes };
    });
  }

  at(address: number): Region | undefined {
    if (this.flash.contains(address)) return { kind: "flash", flash: this.flash };
    return this.#extra.find(
      (region) => address >= region.base && address < region.base + region.bytes.length,
    );
  }

  /** The blocks of option bytes; RDP stands in the first. */
  options(): readonly Uint8Array[] {
    return this.#extra.filter(({ kind }) => kind === "options").map(({ bytes }) => bytes);
  }
}
