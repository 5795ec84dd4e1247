import {
  FlashlineError,
  type KeyRadius,
  type KeyView,
  type RetireKeyRequest,
} from "@flashline/contract";
import { formatPublicKey, KeyFileError, type PublicKey, parsePublicKey } from "@flashline/signing";
import type { z } from "zod";
import { isUniqueViolation } from "../db/errors.ts";
import type { Origin } from "../ledger/origin.ts";
import type { KeysRepository } from "./repository.ts";

function readKey(text: string): PublicKey {
  try {
    return parsePublicKey(text);
  } catch (cause) {
    if (cause instanceof KeyFileError) {
      throw new FlashlineError("request.invalid", cause.message, { cause });
    }
    throw cause;
  }
}

/** A key whose signatures count. A retired one's count for what it released before. */
export interface Signer {
  readonly publicKey: PublicKey;
  readonly retired: boolean;
}

const noSuchKey = (keyId: string): FlashlineError =>
  new FlashlineError("request.not_found", `There is no key ${keyId}.`, { parameters: { keyId } });

/** Keys whose signatures count here. Agents pin their own: a key that is added here alone flashes nothing. */
export function keysService(repository: KeysRepository) {
  async function keyOf(keyId: string): Promise<KeyView> {
    const key = await repository.key(keyId);
    if (key === undefined) throw noSuchKey(keyId);
    return key;
  }
  /** Throws `request.conflict` where another key has its id, or it was revoked. */
  async function isTrusted(keyId: string, publicKey: string): Promise<boolean> {
    const existing = await repository.key(keyId);
    if (existing === undefined) return false;
    if (existing.publicKey === publicKey && existing.revokedAt === null) return true;
    throw new FlashlineError(
      "request.conflict",
      existing.revokedAt !== null
        ? `Key ${keyId} was revoked.`
        : `Another key has the id ${keyId}.`,
      { parameters: { keyId } },
    );
  }
  return {
    /** Trusting the same key again is no error; another key with its id is. */
    async trust(name: string, text: string, by: Origin): Promise<{ keyId: string }> {
      const key = readKey(text);
      const { keyId } = key;
      const publicKey = formatPublicKey(key);
      if (await isTrusted(keyId, publicKey)) return { keyId };
      try {
        await repository.add({ keyId, name, publicKey }, by);
      } catch (error) {
        // Whoever sent it at the same time was faster.
        if (!isUniqueViolation(error) || !(await isTrusted(keyId, publicKey))) throw error;
      }
      return { keyId };
    },
    list: repository.keys,
    async radius(text: string): Promise<KeyRadius> {
      const key = await keyOf(text.toUpperCase());
      return { key, ...(await repository.hits(key.keyId)) };
    },
    /** A time that is past means now. A revoked key is refused: nothing of it is good any more. */
    async retire(
      text: string,
      { at, reason }: z.output<typeof RetireKeyRequest>,
      by: Origin,
    ): Promise<KeyView> {
      const key = await keyOf(text.toUpperCase());
      const time = at === undefined || at === null ? null : new Date(at);
      const isNow = at === undefined || (time !== null && time.getTime() <= Date.now());
      if (await repository.retire(key.keyId, isNow ? { now: true } : { at: time }, reason, by)) {
        return keyOf(key.keyId);
      }
      throw new FlashlineError("request.conflict", `Key ${key.keyId} was revoked.`, {
        parameters: { keyId: key.keyId },
      });
    },
    /** With every release that carries its signature; answers with what that hit. Revoking again is no error and hits nothing. */
    async revoke(text: string, reason: string, by: Origin): Promise<KeyRadius> {
      const { keyId } = await keyOf(text.toUpperCase());
      const hits = await repository.revoke(keyId, reason, by);
      const key = await keyOf(keyId);
      return hits === undefined ? { key, ...(await repository.hits(keyId)) } : { key, ...hits };
    },
    /** Undefined when the key is unknown or revoked. */
    async signer(keyId: string): Promise<Signer | undefined> {
      const found = await repository.key(keyId);
      if (found === undefined || found.state === "revoked") return undefined;
      return { publicKey: parsePublicKey(found.publicKey), retired: found.state === "retired" };
    },
  };
}
export type KeysService = ReturnType<typeof keysService>;
