import { FlashlineError, type LeasedJob } from "@flashline/contract";
import { generateKeyPair, publicKeyOf, signMinisig } from "@flashline/signing";
import { describe, expect, it } from "vitest";
import { checkRelease } from "./release-check.ts";

const pinned = generateKeyPair();
const stranger = generateKeyPair();
const image = { name: "app.bin", sha256: "a".repeat(64), size: 4096 };
const NOW = Date.parse("2026-11-22T06:00:00Z");
const PLACE = { station: "L3-01", plant: "Graz" };

interface Release {
  readonly manifest?: object;
  readonly job?: Partial<LeasedJob>;
  readonly key?: typeof pinned.secretKey;
  readonly tamper?: (bytes: Buffer) => Buffer;
}

function jobWith({ manifest = {}, job = {}, key = pinned.secretKey, tamper }: Release): LeasedJob {
  const content = {
    schema: 1,
    product: "MC-2",
    chip: "STM32F407",
    version: "2.8.1",
    counter: 3,
    images: [image],
    ...manifest,
  };
  const bytes = Buffer.from(JSON.stringify(content, undefined, 2));
  return {
    jobId: "019f0000-0000-7000-8000-000000000001",
    nest: "1",
    serial: "MC2-1",
    epoch: 1,
    leaseMs: 60_000,
    dirty: false,
    product: "MC-2",
    boardRevision: "C",
    virtualAllowed: true,
    workOrder: "WO-1",
    version: "2.8.1",
    manifest: (tamper?.(bytes) ?? bytes).toString("base64"),
    signature: signMinisig(bytes, key, { trustedComment: "test" }),
    images: [{ ...image, address: null }],
    values: {},
    secrets: {},
    ...job,
  };
}

const check = (release: Release, virtual = true, keys = [publicKeyOf(pinned.secretKey)]) =>
  checkRelease(jobWith(release), { keys, now: NOW, virtual, place: PLACE });

function codeOf(work: () => unknown): string {
  try {
    work();
    return "accepted";
  } catch (error) {
    return error instanceof FlashlineError ? error.code : String(error);
  }
}

describe("the station's own check of a release", () => {
  it("accepts what a pinned key has signed, and says which", () => {
    const keys = [publicKeyOf(stranger.secretKey), publicKeyOf(pinned.secretKey)];
    const checked = check({}, true, keys);
    expect(checked.keyId).toBe(pinned.publicKey.keyId);
    expect(checked.manifest.version).toBe("2.8.1");
  });

  const flipped = (bytes: Buffer) => Buffer.from(bytes.toString().replace("2.8.1", "2.8.0"));
  const cases: readonly [string, string, Release][] = [
    ["one changed byte", "release.signature_invalid", { tamper: flipped }],
    ["a key that is not pinned", "release.key_unknown", { key: stranger.secretKey }],
    ["no signature", "release.signature_missing", { job: { signature: "" } }],
    ["another product", "preflight.wrong_product", { manifest: { product: "MC-3" } }],
    [
      "an older version than the job says",
      "release.manifest_invalid",
      { manifest: { version: "2.7.0" } },
    ],
    ["an expired manifest", "release.expired", { manifest: { expiresAt: "2026-11-22T05:59:59Z" } }],
    [
      "another board revision",
      "preflight.board_revision",
      { manifest: { boardRevisions: ["A", "B"] } },
    ],
    [
      "an unknown board revision",
      "preflight.board_revision",
      { manifest: { boardRevisions: ["C"] }, job: { boardRevision: null } },
    ],
    [
      "an image that was not signed",
      "release.manifest_invalid",
      { job: { images: [{ ...image, sha256: "b".repeat(64), address: null }] } },
    ],
    [
      "an image of another size",
      "release.manifest_invalid",
      { job: { images: [{ ...image, size: 1, address: null }] } },
    ],
    [
      "a virtual unit where none is allowed",
      "preflight.virtual_unit",
      { job: { virtualAllowed: false } },
    ],
    ["a manifest of a later form", "release.manifest_invalid", { manifest: { schema: 3 } }],
  ];
  it.each(cases)("refuses %s with %s", (_what, code, release) => {
    expect(codeOf(() => check(release))).toBe(code);
  });

  it("refuses everything when no key is pinned", () => {
    expect(codeOf(() => check({}, true, []))).toBe("release.key_unknown");
  });

  it("takes a real unit where virtual ones are not allowed", () => {
    expect(codeOf(() => check({ job: { virtualAllowed: false } }, false))).toBe("accepted");
  });
});
