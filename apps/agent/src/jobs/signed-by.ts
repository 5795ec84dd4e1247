import { FlashlineError } from "@flashline/contract";
import { type PublicKey, SignatureError, verifyMinisig } from "@flashline/signing";

/**
 * The id of the pinned key whose signature over these exact bytes holds.
 * @throws FlashlineError `release.signature_*` or `release.key_unknown`.
 */
export function signedBy(bytes: Uint8Array, signature: string, keys: readonly PublicKey[]): string {
  let refusal = new SignatureError("release.key_unknown", "No public key is pinned on this PC.");
  for (const key of keys) {
    try {
      return verifyMinisig(bytes, signature, key).keyId;
    } catch (error) {
      if (!(error instanceof SignatureError)) throw error;
      // A broken signature of a pinned key says more than a signature by another key.
      if (refusal.code === "release.key_unknown") refusal = error;
    }
  }
  throw new FlashlineError(refusal.code, refusal.message, { cause: refusal });
}
