import type { DfuTransport } from "@flashline/dfu-core/protocol";

/** A virtual unit and a way to open it, as the conformance checks need them: over any wire, even from another machine. */
export interface Bench {
  open(): Promise<DfuTransport>;
  /** The flash as a programmer on SWD would see it. */
  readFlash(address: number, length: number): Promise<Uint8Array>;
  /** The alternate setting that the device last took. */
  alternate(): Promise<number>;
  /** The unit's next class request is never answered. */
  loseNext(): Promise<void>;
  unplug(): Promise<void>;
  /** A blank unit with this serial in the same place. */
  plugAnother(serial: string): Promise<void>;
}

/** What the checks expect of the unit: 8 sectors of 1 KiB that need no time, two alternate settings. */
export const UNIT = {
  layout: "@Internal Flash  /0x08000000/08*001Kg",
  options: "@Option Bytes  /0x1FFFF800/01*016 e",
  serial: "CONFORMANCE",
  base: 0x0800_0000,
  transferSize: 256,
} as const;
