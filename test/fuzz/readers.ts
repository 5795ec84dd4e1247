import { applyPatches, type Image, OPTION_SCHEMAS } from "@flashline/dfu-core";
import { keyIdOf, parsePublicKey, parseSecretKey, verifyMinisig } from "@flashline/signing";
import { decodeJournal } from "../../apps/agent/src/journal/line.ts";
import { PatchSpec } from "../../packages/contract/src/patch.ts";
import {
  complementErrors,
  decodeOptions,
  encodeOptions,
} from "../../packages/dfu-core/src/options/codec.ts";
import { parseStatus, stateName, statusName } from "../../packages/dfu-core/src/protocol/status.ts";
import { decodeSnapshot } from "../../packages/dfu-core/src/snapshot/snapshot.ts";
import { placeFromPath } from "../../packages/usb-host/src/topology/place.ts";
import {
  decodeDevice,
  decodeOperation,
  decodeReply,
} from "../../packages/usb-host/src/usbip/wire.ts";
import { VirtualClock } from "../../packages/virtual-stm32/src/clock/virtual-clock.ts";
import { parseFault } from "../../packages/virtual-stm32/src/faults/parse.ts";
import { definePart } from "../../packages/virtual-stm32/src/parts/define.ts";
import { parseScript } from "../../packages/virtual-stm32/src/simulator/script.ts";
import { createVirtualUnit } from "../../packages/virtual-stm32/src/unit/virtual-unit.ts";
import { parseSetup } from "../../packages/virtual-stm32/src/usb/setup.ts";
import { parseCommand } from "../../packages/virtual-stm32/src/usbip/wire.ts";
import { parseHeader, peerIsWide } from "../../packages/virtual-stm32/src/usbredir/wire.ts";
import { KEYS } from "./keys.ts";

const utf8 = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bufferOf = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const IMAGE: Image = {
  format: "raw",
  segments: [{ address: 0x0800_0000, data: new Uint8Array(256) }],
  bytes: 256,
  warnings: [],
};
/** The memory that a description may ask for is not the parser's; 64 MiB are allowed. */
const MOST_CRC_BYTES = 4096;

/** A description as a release carries it, and values as the server hands them out. */
function patches(bytes: Uint8Array): void {
  const given = jsonOf(bytes);
  if (typeof given !== "object" || given === null) return;
  const { values = {}, ...spec }: { readonly values?: unknown } = given;
  const { success, data } = PatchSpec.safeParse(spec);
  if (!success || typeof values !== "object" || values === null) return;
  const long = data.fields.some(
    (field) => field.kind === "crc32" && field.crc.to - field.crc.from > MOST_CRC_BYTES,
  );
  if (long) return;
  const texts = Object.entries(values).map(([name, value]) => [name, String(value)]);
  const { image } = applyPatches(IMAGE, data.fields, Object.fromEntries(texts));
  if (image.segments[0]?.data.length !== IMAGE.bytes) throw new RangeError("another length");
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8(bytes));
  } catch {
    return undefined;
  }
}

/** The first byte chooses the class; the rest is its blocks, one after the other. */
function options(bytes: Uint8Array): void {
  const schema = OPTION_SCHEMAS[(bytes[0] ?? 0) % OPTION_SCHEMAS.length];
  if (schema === undefined) return;
  const size = Math.ceil((bytes.length - 1) / schema.zones.length);
  const blocks = schema.zones.map((_, zone) =>
    bytes.subarray(1 + zone * size, 1 + (zone + 1) * size),
  );
  const values = decodeOptions(schema, blocks);
  complementErrors(schema, blocks);
  const same = new Map(values.map(({ name, value }) => [name, value]));
  const written = encodeOptions(schema, blocks, same);
  if (written.some((block, zone) => block.length !== blocks[zone]?.length)) {
    throw new RangeError("a block has another length than it had");
  }
}

/** Requests as they come, SETUP and data one after the other. */
function unit(bytes: Uint8Array): void {
  const clock = new VirtualClock();
  const part = definePart({ family: "F4", sectors: [[4, 32]], transferSize: 16 });
  const device = createVirtualUnit({ part, clock });
  device.configure();
  for (let at = 0; at + 8 <= bytes.length; ) {
    const setup = parseSetup(bytes.subarray(at, at + 8));
    const length = (setup.requestType & 0x80) === 0 ? setup.length : 0;
    device.handleControl(setup, bytes.subarray(at + 8, at + 8 + length));
    clock.advance(1);
    at += 8 + length;
  }
}

/** Headers of USB/IP, at both ends, and of usbredir. */
function frames(bytes: Uint8Array): void {
  const buffer = bufferOf(bytes);
  if (buffer.length >= 8) decodeOperation(buffer);
  if (buffer.length >= 16) for (const wide of [true, false]) parseHeader(buffer, wide);
  peerIsWide(buffer);
  if (buffer.length >= 48) {
    decodeReply(buffer);
    const command = parseCommand(buffer.subarray(0, 48));
    if (command?.kind === "submit") parseSetup(command.setup);
  }
  if (buffer.length < 312) return;
  const { path, busid, speed } = decodeDevice(buffer);
  placeFromPath({ path, busid, speed, machine: "" });
}

/** What is read from networks, disks, devices and people, images and layouts aside. */
export const READERS: Readonly<Record<string, (bytes: Uint8Array) => void>> = {
  snapshot: (bytes) => void decodeSnapshot(bytes),
  status(bytes) {
    const status = parseStatus(bytes);
    if (status === undefined) return;
    stateName(status.state);
    statusName(status.status);
    if (status.pollTimeoutMs < 0 || status.pollTimeoutMs > 0xff_ffff) {
      throw new RangeError(`a poll time of ${status.pollTimeoutMs} ms`);
    }
  },
  options,
  patches,
  "public-key": (bytes) => void parsePublicKey(utf8(bytes)),
  "secret-key": (bytes) => void parseSecretKey(utf8(bytes)),
  signature(bytes) {
    keyIdOf(utf8(bytes));
    verifyMinisig(KEYS.data, utf8(bytes), KEYS.publicKey);
  },
  journal: (bytes) => void decodeJournal(bytes),
  frames,
  unit,
  script: (bytes) => void parseScript(utf8(bytes)),
  fault: (bytes) => void parseFault(utf8(bytes)),
};
