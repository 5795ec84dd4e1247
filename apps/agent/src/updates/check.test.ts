import { FlashlineError, type UpdateManifest } from "@flashline/contract";
import { generateKeyPair, signMinisig } from "@flashline/signing";
import { expect, it } from "vitest";
import { checkUpdate } from "./check.ts";
import type { Newest } from "./newest.ts";

const { publicKey, secretKey } = generateKeyPair();
const stranger = generateKeyPair();
const MANIFEST: UpdateManifest = {
  schema: 1,
  name: "flashline-agent",
  version: "1.5.0",
  platform: "linux-x64",
  builtAt: "2026-11-29T12:00:00Z",
  launcher: 1,
  node: "24.22.3",
  journal: { reads: 1, writes: 1 },
  archive: { sha256: "ab".repeat(32), size: 10, unpacked: 10, files: 1 },
};

function verdictOn(
  change: object = {},
  options: {
    version?: string;
    newest?: Newest;
    downgrade?: string;
    key?: typeof secretKey;
    spoil?: boolean;
  } = {},
): string {
  const bytes = Buffer.from(JSON.stringify({ ...MANIFEST, ...change }));
  const signature = signMinisig(bytes, options.key ?? secretKey, { trustedComment: "t" });
  const shown = options.spoil === true ? Buffer.concat([bytes, Buffer.from(" ")]) : bytes;
  try {
    return checkUpdate(
      {
        id: "019f0000-0000-7000-8000-000000000001",
        signature,
        manifest: shown.toString("base64"),
        downgrade: options.downgrade ?? null,
      },
      {
        keys: [publicKey],
        platform: "linux-x64",
        node: "24.22.4",
        launched: { launcher: 1, versions: "/nowhere", started: "package" },
        version: options.version ?? "1.4.2",
        newest: options.newest ?? { kind: "none" },
      },
    ).name;
  } catch (error) {
    return error instanceof FlashlineError ? error.code : String(error);
  }
}

it("a signed update for this PC is taken, under a name of its own", () => {
  expect(verdictOn()).toBe("1.5.0-abababababab");
  expect(verdictOn({}, { version: "1.5.0" })).toBe("1.5.0-abababababab");
});

it("whatever does not fit is refused with its own code", () => {
  expect(verdictOn({}, { key: stranger.secretKey })).toBe("release.key_unknown");
  expect(verdictOn({}, { spoil: true })).toBe("release.signature_invalid");
  expect(verdictOn({ schema: 2 })).toBe("update.manifest_invalid");
  expect(verdictOn({ name: "flashline-server" })).toBe("update.manifest_invalid");
  expect(verdictOn({ version: "../1.5.0" })).toBe("update.manifest_invalid");
  expect(verdictOn({ platform: "linux-arm64" })).toBe("update.platform");
  expect(verdictOn({ launcher: 2 })).toBe("update.launcher");
  expect(verdictOn({ node: "24.22.5" })).toBe("update.node");
  expect(verdictOn({ node: "22.1.0" })).toBe("update.node");
  expect(verdictOn({ journal: { reads: 1, writes: 2 } })).toBe("update.journal");
});

it("an older one is taken where it is asked for by its name and its signature allows it, and only then", () => {
  const allowed = { downgradeFrom: "1.6.0" };
  expect(verdictOn(allowed, { version: "1.6.0" })).toBe("update.older");
  expect(verdictOn(allowed, { version: "1.6.0", downgrade: "1.4.0" })).toBe("update.older");
  expect(verdictOn(allowed, { version: "1.6.0", downgrade: "1.5.0" })).toBe("1.5.0-abababababab");
  expect(verdictOn({ version: "1.5.0-rc.1" }, { version: "1.5.0" })).toBe("update.older");
});

it("no server can turn it back to a version that was signed once", () => {
  const asked = { version: "1.6.0", downgrade: "1.5.0" };
  expect(verdictOn({}, asked)).toBe("update.rollback");
  // The allowance is for PCs that ran no newer one than it names.
  expect(verdictOn({ downgradeFrom: "1.5.9" }, asked)).toBe("update.rollback");
  expect(verdictOn({ downgradeFrom: "1.7.0" }, asked)).toBe("1.5.0-abababababab");
  expect(verdictOn({ downgradeFrom: "1.5.0" })).toBe("update.manifest_invalid");
});

it("what counts is the newest that ever ran, not the one that runs", () => {
  const newest: Newest = { kind: "known", version: "1.6.0" };
  expect(verdictOn({}, { newest })).toBe("update.rollback");
  expect(verdictOn({ downgradeFrom: "1.6.0" }, { newest })).toBe("1.5.0-abababababab");
  expect(verdictOn({ version: "1.6.0" }, { newest })).toBe("1.6.0-abababababab");
  const older: Newest = { kind: "known", version: "1.4.0" };
  expect(verdictOn({ version: "1.4.1" }, { newest: older, downgrade: "1.4.1" })).toBe(
    "update.rollback",
  );
  const torn: Newest = { kind: "unreadable", why: "it is torn" };
  expect(verdictOn({}, { newest: torn })).toBe("update.newest_unknown");
});
