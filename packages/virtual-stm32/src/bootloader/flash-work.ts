import type { NorFlash } from "../flash/nor-flash.ts";
import type { Interruption } from "./interruption.ts";

interface Work {
  /** In ms of the unit's clock. */
  readonly from: number;
  readonly until: number;
  readonly interruption: Interruption;
}

/**
 * The operation that the flash works on. It knows nothing of USB: neither a bus reset nor CLRSTATUS ends an erase, because no
 * register of the flash interfaces does. Who wants the flash meanwhile waits, as the HAL waits for BSY and the bus for its
 * data. Both banks share one queue: one operation follows the other.
 */
export class FlashWork {
  #works: Work[] = [];
  #erasing: { readonly until: number; readonly from: number; readonly to: number } | undefined;

  /** When the flash takes the next operation, `now` where it is idle. */
  freeAt(now: number): number {
    return this.#works.reduce((latest, { until }) => Math.max(latest, until), now);
  }

  /** From when it is free. `interruption` is what a power cut before the end leaves. */
  begin(now: number, lastsMs: number, interruption: Interruption): void {
    const from = this.freeAt(now);
    this.#works = this.#works.filter(({ until }) => until > now);
    this.#works.push({ from, until: from + lastsMs, interruption });
  }

  /** Power is gone: an operation that had not begun changes nothing, the one under way stops in the middle. */
  cut(now: number): void {
    for (const { from, until, interruption } of this.#works.reverse()) {
      if (from > now) interruption.undo();
      else if (until > now) {
        const share = (now - from) / (until - from);
        interruption.stopAt(Math.floor(share * interruption.size));
      }
    }
    this.#works = [];
  }

  /** The sector is still being erased although the host was told otherwise. */
  goOnErasing(flash: NorFlash, address: number, until: number): void {
    const sector = flash.sectorAt(address);
    if (!sector) return;
    const from = flash.base + sector.start;
    this.#erasing = { until, from, to: from + sector.size };
  }

  /** What is programmed there now is lost. */
  isErasing(address: number, now: number): boolean {
    const erasing = this.#erasing;
    return (
      erasing !== undefined &&
      now < erasing.until &&
      address >= erasing.from &&
      address < erasing.to
    );
  }
}
