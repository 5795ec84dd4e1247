import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatPublicKey, generateKeyPair } from "@flashline/signing";
import { expect, it } from "vitest";
import { examineUpdates } from "../doctor/updates.ts";
import { readUpdateKeys } from "./keys.ts";

it("keys overlap, a file that is no key is named and left out, and no folder means no update", async () => {
  const folder = await mkdtemp(join(tmpdir(), "flashline-keys-"));
  const pairs = [generateKeyPair(), generateKeyPair()];
  for (const { publicKey } of pairs) {
    await writeFile(join(folder, `${publicKey.keyId}.pub`), formatPublicKey(publicKey));
  }
  await writeFile(join(folder, "notes.pub"), "call Dana");
  await writeFile(join(folder, "update.key"), "no public key");
  const { keys, broken } = await readUpdateKeys(folder);
  expect(keys.map(({ keyId }) => keyId).sort()).toEqual(
    pairs.map(({ publicKey }) => publicKey.keyId).sort(),
  );
  expect(broken).toEqual(["notes.pub"]);
  const found = await examineUpdates(folder);
  expect(found.map(({ level }) => level)).toEqual(["ok", "warn"]);
  expect(found[1]?.sentence).toContain("notes.pub is no public key");
  await rm(folder, { recursive: true });
  for (const none of [undefined, folder]) {
    expect(await readUpdateKeys(none)).toEqual({ keys: [], broken: [] });
    expect((await examineUpdates(none))[0]?.sentence).toContain("No key for updates is pinned");
  }
});
