import { FlashlineError, type LeasedJob, LIFTABLE } from "@flashline/contract";
import { generateKeyPair, publicKeyOf, signMinisig } from "@flashline/signing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Place } from "./exception-check.ts";
import { sha256Of } from "./image-cache.ts";
import { checkRelease } from "./release-check.ts";

const pinned = generateKeyPair();
const stranger = generateKeyPair();
const NOW = Date.parse("2026-11-22T06:00:00Z");
const PLACE = { station: "L3-01", plant: "Graz" };
const image = { name: "app.bin", sha256: "a".repeat(64), size: 4096 };

const manifest = Buffer.from(
  JSON.stringify({
    schema: 1,
    product: "MC-2",
    chip: "STM32F407",
    version: "2.8.1",
    counter: 3,
    images: [image],
    expiresAt: "2026-11-01T00:00:00Z",
  }),
);
const statement = {
  type: "flashline-exception",
  schema: 1,
  id: "019f0000-0000-7000-8000-0000000000e1",
  product: "MC-2",
  version: "2.8.1",
  manifestSha256: sha256Of(manifest),
  lifts: ["release.expired"],
  units: { serials: ["MC2-1", "MC2-2"] },
  plant: "Graz",
  stations: ["L3-01", "L3-02"],
  reason: "a repair",
  from: "2026-11-20T00:00:00Z",
  until: "2026-11-25T00:00:00Z",
};
const sign = (bytes: Buffer, key = pinned.secretKey) =>
  signMinisig(bytes, key, { trustedComment: "test" });
const signed = (content: object, key = pinned.secretKey): LeasedJob["exception"] => {
  const bytes = Buffer.from(JSON.stringify(content));
  return { statement: bytes.toString("base64"), signature: sign(bytes, key) };
};

const manifestSignature = sign(manifest);

/** What becomes of a job with the expired release. */
function verdict(exception: LeasedJob["exception"], place: Place = PLACE): string {
  const job: LeasedJob = {
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
    manifest: manifest.toString("base64"),
    signature: manifestSignature,
    images: [{ ...image, address: null }],
    values: {},
    secrets: {},
    ...(exception === undefined ? {} : { exception }),
  };
  const keys = [publicKeyOf(pinned.secretKey)];
  try {
    checkRelease(job, { keys, now: NOW, virtual: false, place });
    return "accepted";
  } catch (error) {
    return error instanceof FlashlineError ? error.code : String(error);
  }
}
const changed = (change: object) => signed({ ...statement, ...change });

describe("the station's own check of an exception", () => {
  it("takes an expired release under one, and no other way", () => {
    expect(verdict(undefined)).toBe("release.expired");
    expect(verdict(signed(statement))).toBe("accepted");
    expect(verdict(changed({ units: { count: 3 }, plant: undefined, stations: undefined }))).toBe(
      "accepted",
    );
  });

  const refused: readonly [string, string, LeasedJob["exception"]][] = [
    ["a key that is not pinned", "release.key_unknown", signed(statement, stranger.secretKey)],
    ["no signature", "release.signature_missing", { statement: "e30=", signature: "" }],
    [
      "the release's own manifest and signature",
      "exception.invalid",
      { statement: manifest.toString("base64"), signature: sign(manifest) },
    ],
    ["one that lifts something else", "release.expired", changed({ lifts: [LIFTABLE[1]] })],
    ["another release", "exception.other", changed({ manifestSha256: "b".repeat(64) })],
    ["another version", "exception.other", changed({ version: "2.8.2" })],
    ["another product", "exception.other", changed({ product: "MC-3" })],
    ["a unit that it does not name", "exception.other", changed({ units: { serials: ["MC2-9"] } })],
    ["another station", "exception.other", changed({ stations: ["L3-09"] })],
    ["another plant", "exception.other", changed({ plant: "Linz" })],
    ["one that begins later", "exception.not_now", changed({ from: "2026-11-22T06:00:01Z" })],
    ["one that is over", "exception.not_now", changed({ until: "2026-11-22T06:00:00Z" })],
    ["one that is too long", "exception.invalid", changed({ until: "2026-12-21T00:00:00Z" })],
    ["a lift that there is not", "exception.invalid", changed({ lifts: ["release.revoked"] })],
    ["a field that it does not know", "exception.invalid", changed({ nests: ["A"] })],
  ];
  it.each(refused)("refuses %s with %s", (_what, code, exception) => {
    expect(verdict(exception)).toBe(code);
  });

  it("knows no plant before the server told it", () => {
    const nowhere = { station: "L3-01", plant: undefined };
    expect(verdict(signed(statement), nowhere)).toBe("exception.other");
  });

  it("lifts nothing once any byte of it was changed after it was signed", () => {
    const { statement: text = "", signature = "" } = signed(statement) ?? {};
    const bytes = Buffer.from(text, "base64");
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const other = Buffer.from(bytes);
        other[at] = (other[at] ?? 0) ^ flip;
        const exception = { statement: other.toString("base64"), signature };
        expect(verdict(exception)).toBe("release.signature_invalid");
      }),
      { numRuns: 100 },
    );
  });

  it("lifts nothing once any field of it was changed, added or left out", () => {
    const { signature = "" } = signed(statement) ?? {};
    const fields = Object.keys(statement);
    const value = fc.oneof(fc.jsonValue(), fc.constant(undefined));
    const name = fc.oneof(fc.constantFrom(...fields), fc.string({ maxLength: 8 }));
    fc.assert(
      fc.property(name, value, (field, to) => {
        const content = JSON.stringify({ ...statement, [field]: to });
        fc.pre(content !== JSON.stringify(statement));
        const exception = { statement: Buffer.from(content).toString("base64"), signature };
        expect(verdict(exception)).toBe("release.signature_invalid");
      }),
      { numRuns: 100 },
    );
  });
});
