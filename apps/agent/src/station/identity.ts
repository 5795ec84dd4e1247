import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { FlashlineError, StationSetup } from "@flashline/contract";
import { writeDurably } from "@flashline/durable-files";
import { type PublicKey, parsePublicKey } from "@flashline/signing";
import { z } from "zod";

/** What enrollment left behind. The credential is a secret: the file is readable by its owner only. */
const Identity = z.object({
  server: z.string(),
  stationId: z.string(),
  station: z.string(),
  machine: z.string(),
  /** Network cards of the PC that was enrolled, see `hardwareIds`. */
  hardware: z.array(z.string()).default([]),
  credential: z.string(),
  /** Text of the key that signs grants; older enrollments have none. */
  grantKey: z.string().optional(),
});
export type Identity = z.infer<typeof Identity>;

const IDENTITY = "station.json";
const SETUP = "setup.json";
const KEYS = "keys";

export async function saveIdentity(dataDir: string, identity: Identity): Promise<void> {
  await writeDurably(join(dataDir, IDENTITY), `${JSON.stringify(identity, undefined, 2)}\n`);
}

/** @throws FlashlineError `agent.not_enrolled` when there is no usable identity in the data folder. */
export async function readIdentity(dataDir: string): Promise<Identity> {
  try {
    return Identity.parse(JSON.parse(await readFile(join(dataDir, IDENTITY), "utf8")));
  } catch (cause) {
    throw new FlashlineError(
      "agent.not_enrolled",
      `There is no enrollment in ${dataDir}. Run: flashline-agent enroll --server URL --token T --key FILE.pub`,
      { cause },
    );
  }
}

/** The setup as the server last gave it, so that the page can say where it is while the server is away. */
export async function saveSetup(dataDir: string, setup: StationSetup): Promise<void> {
  await writeDurably(join(dataDir, SETUP), JSON.stringify(setup));
}

export async function readSetup(dataDir: string): Promise<StationSetup | undefined> {
  const text = await readFile(join(dataDir, SETUP), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return StationSetup.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/**
 * Pins a key. Keys come with the installation, never from the server: a server that was taken over must not be able to make
 * stations flash.
 * @throws KeyFileError when the text is not a minisign public key.
 */
export async function pinKey(dataDir: string, text: string): Promise<PublicKey> {
  const key = parsePublicKey(text);
  await writeDurably(join(dataDir, KEYS, `${key.keyId}.pub`), `${text.trim()}\n`);
  return key;
}

/** The pinned keys, read anew for every job so that a key taken away counts at once. */
export async function pinnedKeys(dataDir: string): Promise<PublicKey[]> {
  const folder = join(dataDir, KEYS);
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => name.endsWith(".pub")).sort();
  return Promise.all(
    files.map(async (name) => parsePublicKey(await readFile(join(folder, name), "utf8"))),
  );
}
