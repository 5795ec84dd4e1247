import { FlashlineError, type KeyView } from "@flashline/contract";
import { formatPublicKey, KeyFileError, type PublicKey, parsePublicKey } from "@flashline/signing";
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

/** Keys whose signatures count here. Agents pin their own: a key that is added here alone flashes nothing. */
export function keysService(repository: KeysRepository) {
  return {
    /** Trusting the same key again is no error; another key with its id is. */
    async trust(name: string, text: string, by: Origin): Promise<{ keyId: string }> {
      const key = readKey(text);
      const publicKey = formatPublicKey(key);
      const existing = await repository.key(key.keyId);
      if (existing === undefined) await repository.add({ keyId: key.keyId, name, publicKey }, by);
      else if (existing.publicKey !== publicKey || existing.revokedAt !== null) {
        throw new FlashlineError(
          "request.conflict",
          existing.revokedAt !== null
            ? `Key ${key.keyId} was revoked.`
            : `Another key has the id ${key.keyId}.`,
          { parameters: { keyId: key.keyId } },
        );
      }
      return { keyId: key.keyId };
    },
    list: repository.keys,
    /** Releases that it signed are no longer promoted. Revoking again is no error. Rejects with `request.not_found`. */
    async revoke(text: string, reason: string | undefined, by: Origin): Promise<KeyView> {
      const keyId = text.toUpperCase();
      await repository.revoke(keyId, reason, by);
      const key = await repository.key(keyId);
      if (key !== undefined) return key;
      throw new FlashlineError("request.not_found", `There is no key ${keyId}.`, {
        parameters: { keyId },
      });
    },
    /** Undefined when the key is unknown or revoked. */
    async trusted(keyId: string): Promise<PublicKey | undefined> {
      const found = await repository.key(keyId);
      return found === undefined || found.revokedAt !== null
        ? undefined
        : parsePublicKey(found.publicKey);
    },
  };
}
export type KeysService = ReturnType<typeof keysService>;
