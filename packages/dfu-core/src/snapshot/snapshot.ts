import { DfuError } from "../errors.ts";
import type { AddressRange, Segment } from "../image/image.ts";
import { suffixCrc } from "../image/suffix.ts";

/** What an attempt is about to erase and must be able to put back. */
export interface Snapshot {
  /** Ids, serial and layouts of the unit. */
  readonly identity: string;
  /** Where that attempt's seal is: erased from the first erase until everything else is verified. */
  readonly seal: AddressRange;
  /** Addresses of all sectors that the attempt may erase. */
  readonly touched: readonly number[];
  /** Whole sectors, as they were. */
  readonly segments: readonly Segment[];
}

/** "FLS1" */
const MAGIC = 0x31534c46;

/** Little endian, with a CRC-32 at the end. */
export function encodeSnapshot(snapshot: Snapshot): Uint8Array {
  const { identity, seal, touched, segments } = snapshot;
  const size =
    20 +
    2 * identity.length +
    4 * touched.length +
    segments.reduce((sum, { data }) => sum + 8 + data.length, 4) +
    4;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  const put = (value: number) => {
    view.setUint32(at, value, true);
    at += 4;
  };
  for (const value of [MAGIC, seal.address, seal.length, identity.length, touched.length])
    put(value);
  for (let index = 0; index < identity.length; index += 1, at += 2)
    view.setUint16(at, identity.charCodeAt(index), true);
  for (const address of touched) put(address);
  put(segments.length);
  for (const { address, data } of segments) {
    put(address);
    put(data.length);
    bytes.set(data, at);
    at += data.length;
  }
  put(suffixCrc(bytes.subarray(0, at)));
  return bytes;
}

/** Throws `snapshot.store` for anything but what {@link encodeSnapshot} made, whole. */
export function decodeSnapshot(bytes: Uint8Array): Snapshot {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const body = bytes.length - 4;
  if (
    body < 24 ||
    view.getUint32(0, true) !== MAGIC ||
    view.getUint32(body, true) !== suffixCrc(bytes.subarray(0, body))
  ) {
    throw new DfuError("snapshot.store", `${bytes.length} stored bytes are no whole snapshot`);
  }
  let at = 4;
  const take = () => {
    const value = view.getUint32(at, true);
    at += 4;
    return value;
  };
  const seal = { address: take(), length: take() };
  const characters = take();
  const count = take();
  let identity = "";
  for (let index = 0; index < characters; index += 1, at += 2)
    identity += String.fromCharCode(view.getUint16(at, true));
  const touched = Array.from({ length: count }, take);
  const segments = Array.from({ length: take() }, () => {
    const address = take();
    const length = take();
    at += length;
    return { address, data: bytes.slice(at - length, at) };
  });
  return { identity, seal, touched, segments };
}
