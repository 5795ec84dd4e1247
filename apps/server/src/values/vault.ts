import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
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
export async function openVault(configured: string | undefined, dataFolder: string) {
  if (configured !== undefined) return vaultWith(Buffer.from(configured, "hex"));
  const folder = path.join(dataFolder, "secrets");
  const file = path.join(folder, "unit-secrets.key");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Another replica on the same folder may be faster; then its key counts.
  await writeFile(file, `${randomBytes(KEY_BYTES).toString("hex")}\n`, {
    flag: "wx",
    mode: 0o600,
    flush: true,
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  const key = Buffer.from((await readFile(file, "utf8")).trim(), "hex");
  if (key.length === KEY_BYTES) return vaultWith(key);
  throw new FlashlineError("config.invalid", `${file} is no key of ${KEY_BYTES} bytes.`);
}
