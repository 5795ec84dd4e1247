/** Bytes for one stretch of memory. */
export interface Segment {
  readonly address: number;
  readonly data: Uint8Array;
}

/** The USB ids a file says it is for; 0x0000 and 0xFFFF mean any. */
export interface TargetDevice {
  readonly vendorId: number;
  readonly productId: number;
  readonly bcdDevice: number;
}

/** `hex` is Intel HEX, `srec` Motorola's S-record. */
export type ImageFormat = "raw" | "dfuse" | "hex" | "srec" | "elf";

/** A stretch of memory, without its content. */
export interface AddressRange {
  readonly address: number;
  /** Bytes. */
  readonly length: number;
}

/** What is to be in memory, whatever the file format was. Segments are sorted, do not overlap and do not touch. */
export interface Image {
  readonly format: ImageFormat;
  readonly segments: readonly Segment[];
  /** Sum of the segments' lengths. */
  readonly bytes: number;
  readonly target?: TargetDevice;
  /** bAlternateSetting of the DfuSe target; undefined for formats that know no alternates. */
  readonly alternate?: number;
  /** Start address that the file names; 0 counts as none. Never used for flashing: a core starts from its vector table. */
  readonly entry?: number;
  /** Title inside the file: S0 record or DfuSe target name, printable characters only. */
  readonly title?: string;
  /** Where per-unit secrets were put. Nothing from these ranges may be shown, logged or stored. */
  readonly secrets?: readonly AddressRange[];
  /** What is odd about the file and does not stop it from being used. */
  readonly warnings: readonly string[];
}
