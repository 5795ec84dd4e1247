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

export type ImageFormat = "raw" | "dfuse";

/** What is to be in memory, whatever the file format was. Segments are sorted, do not overlap and do not touch. */
export interface Image {
  readonly format: ImageFormat;
  readonly segments: readonly Segment[];
  /** Sum of the segments' lengths. */
  readonly bytes: number;
  readonly target?: TargetDevice;
  /** bAlternateSetting of the DfuSe target; undefined for formats that know no alternates. */
  readonly alternate?: number;
  /** What is odd about the file and does not stop it from being used. */
  readonly warnings: readonly string[];
}
