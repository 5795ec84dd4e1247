import {
  type UpdateFacts,
  UpdateManifest,
  type UpdateProgress,
  VERSION_HEADER,
} from "@flashline/contract";
import { formatPublicKey, generateKeyPair, signMinisig } from "@flashline/signing";
import { digestOf } from "./publishing.ts";
import type { SeededStation } from "./seed.ts";
import type { TestClient, TestServer } from "./server.ts";

/** The key that updates of tests are signed by. */
const UPDATE_KEY = generateKeyPair();

/** A station that can take updates. */
export const FACTS: UpdateFacts = {
  launcher: 1,
  platform: "linux-x64",
  node: "24.22.3",
  keys: [UPDATE_KEY.publicKey.keyId],
  newest: null,
};

/** Bytes that stand for an archive: the server does not look into it. */
export const archiveOf = (version: string): Buffer => Buffer.from(`archive of ${version}`);

/** An update that is not uploaded yet. */
export function signedUpdate(version: string, change: Readonly<Record<string, unknown>> = {}) {
  const archive = archiveOf(version);
  const { size } = { size: archive.length };
  const manifest = UpdateManifest.parse({
    schema: 1,
    name: "flashline-agent",
    version,
    platform: "linux-x64",
    builtAt: "2026-11-29T12:00:00Z",
    launcher: 1,
    node: "24.22.3",
    journal: { reads: 1, writes: 1 },
    archive: { sha256: digestOf(archive), size, unpacked: 100, files: 3 },
    ...change,
  });
  const bytes = Buffer.from(JSON.stringify(manifest));
  return {
    manifest: bytes.toString("base64"),
    signature: signMinisig(bytes, UPDATE_KEY.secretKey, { trustedComment: version }),
    publicKey: formatPublicKey(UPDATE_KEY.publicKey),
  };
}

/** Uploads and publishes it; the same again is no error. */
export async function publishedUpdate(
  call: TestClient,
  version: string,
  change: Readonly<Record<string, unknown>> = {},
) {
  await call("uploadImage", { body: archiveOf(version) });
  return (await call("addUpdate", { body: signedUpdate(version, change) })).body;
}

/** What a station's agent says of itself, and of the update that it was told of. */
export async function tellUpdates(
  server: TestServer,
  station: SeededStation,
  version: string,
  update: UpdateProgress | null = null,
  facts: UpdateFacts = FACTS,
): Promise<void> {
  const call = server.client({
    authorization: `Bearer ${station.credential}`,
    "flashline-protocol": "1",
    [VERSION_HEADER]: version,
  });
  // Another answer than the one before is noted at once.
  await call("status", {
    body: { queuedResults: 0, nests: [], hardware: [digestOf(Buffer.from(version)).slice(0, 16)] },
  });
  await call("reportUpdate", { body: { facts, update } });
}
