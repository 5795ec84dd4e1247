import { DfuError } from "../errors.ts";
import type { DeviceDescriptors } from "./descriptors.ts";

export interface RawDescriptors {
  /** The 18 bytes of the device descriptor. */
  readonly device: Uint8Array;
  /** The whole configuration descriptor, all interfaces and alternates. */
  readonly configuration: Uint8Array;
  /** A string descriptor's bytes as they came, or undefined when it cannot be read. */
  readonly string: (index: number) => Promise<Uint8Array | undefined>;
}

/** Raw descriptor bytes in, what the engine needs out. Throws `device.protocol` for bytes that are no descriptors. */
export function describeDevice(_raw: RawDescriptors): Promise<DeviceDescriptors> {
  return Promise.reject(new DfuError("internal.bug", "not implemented yet"));
}
