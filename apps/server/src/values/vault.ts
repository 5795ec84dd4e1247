import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { link, mkdir, open, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { FlashlineError } from "@flashline/contract";

/** Seals units' secrets with a key that is not in the database, so that neither it nor its back-ups have them. */
export interface Vault {
  /** `place` as {@link secretPlace} names it; the secret opens nowhere else. */
  seal(place: string, secret: string): Buffer;
  /** Undefined when it was sealed with another key, or for another place. */
  open(place: string, sealed: Uint8Array): string | undefined;
}

/** What a secret belongs to. */
export const secretPlace = (unitId: string, name: string): string => `${unitId}/${name}`;

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = "aes-256-gcm";

export function vaultWith(key: Uint8Array): Vault {
  return {
    seal(place, secret) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(place));
      const content = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), content]);
    },
    open(place, sealed) {
      const nonce = sealed.subarray(0, NONCE_BYTES);
      const tag = sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
      if (tag.length < TAG_BYTES) return undefined;
      const decipher = createDecipheriv(CIPHER, key, nonce)
        .setAAD(Buffer.from(place))
        .setAuthTag(tag);
      try {
        const content = decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES));
        return Buffer.concat([content, decipher.final()]).toString("utf8");
      } catch {
        return undefined;
      }
    },
  };
}

/** The configured key, or the one in `dataFolder/secrets`, made at first use. Throws `config.invalid`. */
export async function openVault(
  configured: string | undefined,
  dataFolder: string,
): Promise<Vault> {
  if (configured !== undefined) return vaultWith(Buffer.from(configured, "hex"));
  const folder = path.join(dataFolder, "secrets");
  const file = path.join(folder, "unit-secrets.key");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const text = await readFile(file, "utf8").catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    await makeKey(file);
    return await readFile(file, "utf8");
  });
  const key = Buffer.from(text.trim(), "hex");
  if (key.length === KEY_BYTES) return vaultWith(key);
  throw new FlashlineError("config.invalid", `${file} is no key of ${KEY_BYTES} bytes.`);
}

/** Written beside, synchronised and linked: it is the only key to what is sealed, and there is none or a whole one. */
async function makeKey(file: string): Promise<void> {
  const fresh = `${file}.${randomBytes(6).toString("hex")}.new`;
  try {
    const text = `${randomBytes(KEY_BYTES).toString("hex")}\n`;
    await writeFile(fresh, text, { flag: "wx", mode: 0o600, flush: true });
    await link(fresh, file).catch((error: NodeJS.ErrnoException) => {
      // Another replica on the same folder was faster; its key counts.
      if (error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(fresh, { force: true });
  }
  await syncFolder(path.dirname(file));
}

/** Windows cannot open folders. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
