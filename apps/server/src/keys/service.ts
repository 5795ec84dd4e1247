import { FlashlineError } from "@flashline/contract";
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
      else if (existing.publicKey !== publicKey || existing.revoked) {
        throw new FlashlineError(
          "request.conflict",
          existing.revoked
            ? `Key ${key.keyId} was revoked.`
            : `Another key has the id ${key.keyId}.`,
          { parameters: { keyId: key.keyId } },
        );
      }
      return { keyId: key.keyId };
    },
    /** False when no such key is trusted. Releases that it signed are no longer promoted. */
    revoke: (keyId: string, by: Origin) => repository.revoke(keyId.toUpperCase(), by),
    /** Undefined when the key is unknown or revoked. */
    async trusted(keyId: string): Promise<PublicKey | undefined> {
      const found = await repository.key(keyId);
      return found === undefined || found.revoked ? undefined : parsePublicKey(found.publicKey);
    },
  };
}
export type KeysService = ReturnType<typeof keysService>;
