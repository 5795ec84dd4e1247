import { createHmac } from "node:crypto";
import type { Vault } from "../storage/vault.ts";

/** A key by which badges are known. */
export interface BadgeKey {
  readonly generation: number;
  /** Tells keys apart, also where the server got another key of its own: 16 hexadecimal digits. */
  readonly id: string;
  readonly key: Buffer;
}

const hmac = (key: Buffer, text: string): string =>
  createHmac("sha256", key).update(text, "utf8").digest("hex");

/** The key of a generation: made from the server's own key, so that neither the database nor a back-up without that key has it. */
export function badgeKey(vault: Pick<Vault, "keyFor">, generation: number): BadgeKey {
  const key = vault.keyFor(`flashline badges ${generation}`);
  return { generation, id: hmac(key, "id of this key").slice(0, 16), key };
}

/** What is stored of a badge. A content that readers make longer is cut by nobody: whatever is read counts, without outer blanks. */
export const badgeDigest = ({ key }: BadgeKey, content: string): string =>
  hmac(key, content.trim());
