import { formatPublicKey, formatSecretKey } from "@flashline/signing";
import { encodeLine } from "../../apps/agent/src/journal/line.ts";
import { encodeSnapshot } from "../../packages/dfu-core/src/snapshot/snapshot.ts";
import { encodeSubmit, encodeUnlink } from "../../packages/usb-host/src/usbip/wire.ts";
import { VirtualClock } from "../../packages/virtual-stm32/src/clock/virtual-clock.ts";
import { definePart } from "../../packages/virtual-stm32/src/parts/define.ts";
import { createVirtualUnit } from "../../packages/virtual-stm32/src/unit/virtual-unit.ts";
import { deviceRecord } from "../../packages/virtual-stm32/src/usbip/wire.ts";
import { hello, packet } from "../../packages/virtual-stm32/src/usbredir/wire.ts";
import { KEYS } from "./keys.ts";

const text = (value: string) => new TextEncoder().encode(value);
const json = (value: unknown) => text(JSON.stringify(value));
const BASE = 0x0800_0000;
const AT = "2026-01-01T00:00:00.000Z";
const attemptId = "A";

const snapshot = encodeSnapshot({
  identity: "0483:df11 1 @Internal Flash",
  seal: { address: BASE, before: Uint8Array.of(1, 2, 3, 4), after: Uint8Array.of(5) },
  touched: [BASE, BASE + 2048],
  segments: [{ address: BASE, data: new Uint8Array(32) }],
});

const spec = {
  fields: [
    { kind: "text", name: "serial", address: "0x08000000", length: 16, padding: 32 },
    { kind: "text", name: "wide", address: "0x08000010", length: 16, encoding: "utf16le" },
    { kind: "uint", name: "number", address: BASE + 32, length: 4, endian: "big" },
    { kind: "bcd", name: "digits", address: BASE + 36, length: 4, endian: "little" },
    { kind: "bytes", name: "mac", address: BASE + 40, length: 6 },
    { kind: "bytes", name: "key", address: BASE + 48, length: 16, padding: 0, secret: true },
    {
      kind: "crc32",
      name: "crc",
      address: BASE + 64,
      length: 4,
      crc: {
        from: BASE,
        to: BASE + 64,
        poly: "0x04c11db7",
        reflect: true,
        wordBytes: 4,
        fill: 255,
      },
    },
  ],
  values: {
    serial: "SN-1",
    wide: "Ä1",
    number: "0x10",
    digits: "123",
    mac: "70:b3:d5:00:00:01",
    key: "00",
  },
};

const summary = { serial: "S", nest: "1", outcome: "PASS", durationMs: 1, code: null } as const;
const journal = [
  encodeLine({ entry: "started", at: AT, attemptId }),
  encodeLine({ entry: "touched", at: AT, attemptId }),
  encodeLine({ entry: "result", at: AT, attemptId, body: "{}", summary }),
  encodeLine({ entry: "settled", at: AT, attemptId, as: "refused", code: "request.invalid" }),
  encodeLine({ entry: "summary", at: AT, attemptId, summary }),
].join("");

const setup = (
  type: number,
  request: number,
  value: number,
  data: readonly number[],
  length?: number,
) => [
  ...[type, request, value & 0xff, value >> 8, 0, 0, (length ?? data.length) & 0xff, 0],
  ...data,
];
const status = setup(0xa1, 3, 0, [], 6);
const pointer = [0x21, 0, 0, 0, 8];
const conversation = Uint8Array.from([
  ...setup(0x80, 6, 0x0100, [], 18),
  ...[...setup(0x21, 1, 0, pointer), ...status, ...status],
  ...[...setup(0x21, 1, 0, [0x41, 0, 0, 0, 8]), ...status, ...status],
  ...[...setup(0x21, 1, 2, [1, 2, 3, 4]), ...status, ...status],
  ...[...setup(0x21, 6, 0, []), ...setup(0xa1, 2, 2, [], 16), ...setup(0x21, 4, 0, [])],
  ...[...setup(0x21, 1, 0, []), ...status],
]);

const part = definePart({ family: "F0", sectors: [[1, 64]] });
const record = deviceRecord(createVirtualUnit({ part, clock: new VirtualClock() }), "1-1");
const submitted = { requestType: 0x21, request: 1, value: 2, index: 0, length: 4 };

const lines = [
  '{"atMs":500,"unit":2,"command":"unplug 1500"}',
  '{"afterBytes":4096,"unit":1,"fault":"stall=5"}',
  '# by hand\n{"atMs":0,"unit":1,"command":"power off"}',
];
const faults = [
  "stall=0.02:3",
  "busy-wedge=reset@3",
  "slow-busy=10@0.5",
  "write-protect=0,2-4",
  "swap=1024@1500",
  "erase-cut=1@800",
  "stuck=0x08000000/1",
  "serial=ABC",
];

/** Where fuzzing starts, by target. */
export const READER_SEEDS: Readonly<Record<string, readonly Uint8Array[]>> = {
  snapshot: [snapshot],
  status: [Uint8Array.of(0, 250, 0, 0, 4, 0), Uint8Array.of(0x0b, 0, 0, 0, 10, 0)],
  options: [0, 3, 4, 8, 12].map((first) => Uint8Array.from([first, ...new Array(88).fill(0xaa)])),
  patches: [
    json(spec),
    json({ ...spec, fields: spec.fields.slice(0, 1), values: { serial: "x" } }),
  ],
  "public-key": [text(formatPublicKey(KEYS.publicKey))],
  "secret-key": [text(formatSecretKey(KEYS.secretKey))],
  signature: [text(KEYS.signature)],
  journal: [text(journal)],
  frames: [
    record,
    encodeSubmit(1, 0x1_0002, submitted, Uint8Array.of(1, 2, 3, 4)),
    encodeUnlink(2, 0x1_0002, 1),
    hello(),
    packet(100, 1n, true, new Uint8Array(10)),
  ].map((bytes) => new Uint8Array(bytes)),
  unit: [conversation],
  script: lines.map(text),
  fault: faults.map(text),
};

/** Pieces that a random mutation would hardly find. */
export const READER_WORDS: Readonly<Record<string, readonly Uint8Array[]>> = {
  patches: ['"kind":"crc32"', '"crc":{}', "0x", "1e999", "-1", '"\\ud800"', "null", "{}", "[]"].map(
    text,
  ),
  journal: ["\n", '"entry":"result"', "null", "{}", "00000000 "].map(text),
  script: ["\n", '"atMs":', '"fault":', '"command":', "1e999", "-1", "null", "powercycle"].map(
    text,
  ),
  fault: ["=", ":", "@", ",", "-", "always", "0x", "999999999", "1e9", "."].map(text),
  signature: ["untrusted comment: ", "trusted comment: ", "\n", "\r\n", "=", "RWQ"].map(text),
  unit: [Uint8Array.from(status), Uint8Array.from(setup(0x21, 6, 0, []))],
};
