import { FlashlineError, Manifest } from "@flashline/contract";
import { checkSerialRule } from "@flashline/contract/pattern";
import { keyIdOf, type PublicKey, SignatureError, verifyMinisig } from "@flashline/signing";

/** Signature errors with the contract's code; everything else as it was. */
function refused(error: unknown): unknown {
  return error instanceof SignatureError
    ? new FlashlineError(error.code, error.message, { cause: error })
    : error;
}

/** Id of the key that a signature says it is of. Throws `release.signature_*`. */
export function signerOf(signature: string): string {
  try {
    return keyIdOf(signature);
  } catch (error) {
    throw refused(error);
  }
}

/** Throws `release.signature_*` or `release.key_unknown`. */
export function checkSignature(bytes: Uint8Array, signature: string, key: PublicKey): void {
  try {
    verifyMinisig(bytes, signature, key);
  } catch (error) {
    throw refused(error);
  }
}

/** Reads what was signed. Throws `release.manifest_invalid` with every problem in its details. */
export function readManifest(bytes: Uint8Array): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new FlashlineError("release.manifest_invalid", "The manifest is not JSON in UTF-8.", {
      cause,
    });
  }
  const parsed = Manifest.safeParse(value);
  if (parsed.success) {
    checkSerialRule(parsed.data.recipe);
    return parsed.data;
  }
  const [first = "", ...more] = parsed.error.issues.map(
    (issue) => `${issue.path.join(".")}: ${issue.message}`,
  );
  throw new FlashlineError("release.manifest_invalid", `The manifest is not valid: ${first}`, {
    parameters: { first },
    details: [first, ...more],
  });
}

/** Base64 as encoders write it; anything else is refused, so that no two texts mean the same bytes. */
export function bytesOf(base64: string): Buffer {
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length === 0 || bytes.toString("base64") !== base64) {
    throw new FlashlineError("request.invalid", "What was signed is not base64.");
  }
  return bytes;
}
