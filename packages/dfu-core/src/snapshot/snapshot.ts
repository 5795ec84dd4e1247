import { DfuError } from "../errors.ts";
import type { Segment } from "../image/image.ts";
import { suffixCrc } from "../image/suffix.ts";

/** What an attempt is about to erase and must be able to put back. */
export interface Snapshot {
  /** Ids, serial and layouts of the unit. */
  readonly identity: string;
  /**
   * That attempt's seal is erased from the first erase until everything else is verified: what it held before, empty when it
   * could not be read, and what it is to hold in the end.
   */
  readonly seal: {
    readonly address: number;
    readonly before: Uint8Array;
    readonly after: Uint8Array;
  };
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
  const stored = [
    { address: seal.address, data: seal.before },
    { address: seal.address, data: seal.after },
    ...segments,
  ];
  const size =
    16 +
    2 * identity.length +
    4 * touched.length +
    stored.reduce((sum, { data }) => sum + 8 + data.length, 0) +
    4;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  const put = (value: number) => {
    view.setUint32(at, value, true);
    at += 4;
  };
  for (const value of [MAGIC, identity.length, touched.length, stored.length]) put(value);
  for (let index = 0; index < identity.length; index += 1, at += 2)
    view.setUint16(at, identity.charCodeAt(index), true);
  for (const address of touched) put(address);
  for (const { address, data } of stored) {
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
    body < 16 ||
    view.getUint32(0, true) !== MAGIC ||
    view.getUint32(body, true) !== suffixCrc(bytes.subarray(0, body))
  ) {
    throw new DfuError("snapshot.store", `${bytes.length} stored bytes are no whole snapshot`);
  }
  let at = 4;
  /** Looked at before anything is made of a count: a right checksum makes no right counts. */
  const expect = (size: number) => {
    if (at + size <= body) return;
    throw new DfuError("snapshot.store", `${size} bytes at ${at} reach beyond the snapshot's end`);
  };
  const take = () => {
    expect(4);
    const value = view.getUint32(at, true);
    at += 4;
    return value;
  };
  const characters = take();
  const count = take();
  const parts = take();
  expect(2 * characters + 4 * count + 8 * parts);
  let identity = "";
  for (let index = 0; index < characters; index += 1, at += 2)
    identity += String.fromCharCode(view.getUint16(at, true));
  const touched = Array.from({ length: count }, take);
  const [before, after, ...segments] = Array.from({ length: parts }, () => {
    const address = take();
    const length = take();
    expect(length);
    at += length;
    return { address, data: bytes.slice(at - length, at) };
  });
  if (before === undefined || after === undefined) {
    throw new DfuError("snapshot.store", "the snapshot lacks its seal");
  }
  if (at !== body) {
    throw new DfuError("snapshot.store", `${body - at} bytes are left behind the snapshot's end`);
  }
  const seal = { address: before.address, before: before.data, after: after.data };
  return { identity, seal, touched, segments };
}
