import type { Clock } from "@flashline/dfu-core/protocol";
import type { Counters } from "../bootloader/journal.ts";

/** Whether something answers on a port, and when it will: plugged in, with power, and booted. What runs there is not known here. */
export class Presence {
  readonly #clock: Clock;
  readonly #counters: Counters;
  readonly #listeners = new Set<() => void>();
  #deviceNumber = 1;
  /** While set: off the bus until then (Infinity: until plugged in). */
  #awayUntil: number | undefined;
  #powered = true;

  /** A unit that is there already. Counts enumerations in `counters`. */
  constructor(clock: Clock, counters: Counters) {
    this.#clock = clock;
    this.#counters = counters;
    counters.enumerations = 1;
  }

  get isPowered(): boolean {
    return this.#powered;
  }

  get isUnplugged(): boolean {
    return this.#awayUntil === Number.POSITIVE_INFINITY;
  }

  get isAway(): boolean {
    this.look();
    return !this.#powered || this.#awayUntil !== undefined;
  }

  /** Changes with every enumeration, as the kernel's device number does. */
  get deviceNumber(): number {
    this.look();
    return this.#deviceNumber;
  }

  /** Milliseconds until it is back; undefined when time alone does not bring it back. */
  get backInMs(): number | undefined {
    const until = this.#awayUntil;
    return !this.#powered || until === undefined || this.isUnplugged
      ? undefined
      : until - this.#clock.now();
  }

  /** The time of its return may have come: it then enumerates. */
  look(): void {
    if (this.#awayUntil === undefined || !this.#powered) return;
    if (this.#clock.now() < this.#awayUntil) return;
    this.#awayUntil = undefined;
    this.#deviceNumber += 1;
    this.#counters.enumerations += 1;
  }

  /** Off the bus for so many milliseconds; until it is plugged in when undefined. */
  leave(backAfterMs: number | undefined): void {
    this.#awayUntil =
      backAfterMs === undefined ? Number.POSITIVE_INFINITY : this.#clock.now() + backAfterMs;
    this.changed();
  }

  /** It does not leave after all, and does not enumerate. */
  stay(): void {
    this.#awayUntil = undefined;
    this.changed();
  }

  plug(bootMs: number): void {
    if (this.#awayUntil !== undefined) this.#awayUntil = this.#clock.now() + bootMs;
    this.changed();
  }

  /** What is plugged in boots. */
  powerOn(bootMs: number): void {
    this.#awayUntil = Math.max(this.#awayUntil ?? 0, this.#clock.now() + bootMs);
    this.#powered = true;
    this.changed();
  }

  powerOff(): void {
    this.#powered = false;
    this.changed();
  }

  changed(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Told when it leaves, and when the time of its return changes. Returns what ends it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
