import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { FlashlineError } from "@flashline/contract";
import { createDurably } from "@flashline/durable-files";

/** Seals units' secrets with a key that is not in the database, so that neither it nor its back-ups have them. */
export interface Vault {
  /** `place` as {@link secretPlace} names it; the secret opens nowhere else. */
  seal(place: string, secret: string): Buffer;
  /** Undefined when it was sealed with another key, or for another place. */
  open(place: string, sealed: Uint8Array): string | undefined;
  /** A key of 32 bytes for another purpose. Nothing about the vault's own key can be told from it. */
  keyFor(purpose: string): Buffer;
}

/** What a secret belongs to. */
export const secretPlace = (unitId: string, name: string): string => `${unitId}/${name}`;

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = "aes-256-gcm";

function vaultWith(key: Uint8Array): Vault {
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
    keyFor: (purpose) => Buffer.from(hkdfSync("sha256", key, "", purpose, KEY_BYTES)),
  };
}

/** The key's file in a data folder. */
export const KEY_FILE = path.join("secrets", "unit-secrets.key");

/** The configured key, or the one in `dataFolder/secrets`, made at first use. Throws `config.invalid`. */
export async function openVault(
  configured: string | undefined,
  dataFolder: string,
): Promise<Vault> {
  if (configured !== undefined) return vaultWith(Buffer.from(configured, "hex"));
  const file = path.join(dataFolder, KEY_FILE);
  const text = await readFile(file, "utf8").catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    // The only key to the sealed values. The file appears whole or not at all. If another replica was faster, its key counts.
    await createDurably(file, `${randomBytes(KEY_BYTES).toString("hex")}\n`);
    return await readFile(file, "utf8");
  });
  const key = Buffer.from(text.trim(), "hex");
  if (key.length === KEY_BYTES) return vaultWith(key);
  throw new FlashlineError("config.invalid", `${file} is no key of ${KEY_BYTES} bytes.`);
}
