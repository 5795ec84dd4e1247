import { ReleaseView } from "@flashline/contract";
import { ago, id } from "./basics.ts";

const hex = (seed: string): string => seed.repeat(64).slice(0, 64);
const field = (name: string, kind: string, address: number, length: number, from: string) => ({
  name,
  kind,
  address,
  length,
  from,
  secret: name === "key",
  range: from === "range" ? name : null,
});
const FIELDS = [
  field("serial", "text", 0x0800_fc00, 16, "serial"),
  field("mac", "bytes", 0x0800_fc10, 6, "range"),
  field("variant", "text", 0x0800_fc18, 8, "given"),
  field("key", "bytes", 0x0800_fc20, 16, "given"),
  field("check", "crc32", 0x0800_fc30, 4, "computed"),
];

const CANARY = {
  predecessor: "2.8.1",
  stations: ["L3-02", "L3-04"],
  units: 50,
  used: 21,
  reason: "first units of the new motor tables",
  startedAt: ago(5_400),
  startedBy: "dana",
  pausedAt: null,
  pausedBy: null,
  pausedOrigin: null,
  pausedReason: null,
  evidence: {
    units: 18,
    failed: 1,
    predecessorUnits: 74,
    predecessorFailed: 1,
    beside: 60,
    expected: 0.4,
    value: 3.1,
    pauseAt: 20,
    waiting: 3,
  },
};

export const releases = [
  ["2.9.0", 31, "draft", "passed", null],
  ["2.9.0-rc1", 30, "draft", "refused", "image.does_not_fit"],
  ["2.8.1", 29, "released", "passed", null],
  ["2.7.0", 26, "revoked", "passed", null],
  ["2.10.0", 32, "canary", "passed", null],
].map(([version, counter, state, check, checkCode], number) =>
  ReleaseView.parse({
    id: id(6, number),
    product: "MC-2",
    version,
    counter,
    chip: "STM32F407",
    boardRevisions: number === 0 ? ["C", "D"] : [],
    state,
    check,
    checkCode,
    checkMessage:
      checkCode === null
        ? null
        : "mc2-app.bin ends at 0x08110000; the chip's flash ends at 0x08100000.",
    keyId: "A1B2C3D4E5F60718",
    manifestSha256: hex(`9f3${number}`),
    images:
      number === 1
        ? [
            { name: "mc2-app.bin", sha256: hex("7c1e"), size: 1_114_112, format: "raw" },
            { name: "mc2-tables.bin", sha256: hex("a41e"), size: 4096, format: "raw" },
          ]
        : [{ name: "mc2-app.dfu", sha256: hex(`7c${number}e`), size: 393_216, format: "dfuse" }],
    recipe: {
      remainder: "discard",
      profile: "standard",
      leave: true,
      ...(number === 0 ? { bankMode: "single", vectorTable: 0x0800_8000 } : {}),
      ...(number === 1
        ? { vectorTable: "none", rawImages: ["mc2-app.bin", "mc2-tables.bin"] }
        : {}),
      expectAfterLeave: number === 0 ? "0483:5740" : null,
      withinSeconds: number === 0 ? 10 : null,
      ...(number === 0 ? { shownSerial: { from: "serial", text: "MC{serial}" } } : {}),
      expectOptions: number === 0 ? { RDP: "0", BOR_LEV: "2" } : {},
      fields: number === 3 ? [] : FIELDS,
    },
    createdAt: ago(86_400 * (number + 1)),
    createdBy: "ci-firmware",
    releasedAt: state === "draft" || state === "canary" ? null : ago(80_000 * (number + 1)),
    revokedAt: state === "revoked" ? ago(70_000) : null,
    revokedReason: state === "revoked" ? "Motor stalls at cold start (field report 1183)." : null,
    expiresAt: null,
    daysLeft: null,
    canary: state === "canary" ? CANARY : null,
    channels: version === "2.8.1" ? ["stable"] : [],
    passed: number === 4 ? 18 : number === 2 ? 418 : number === 3 ? 12_071 : 0,
    failed: number === 2 ? 6 : number === 3 ? 98 : 0,
  }),
);
