import { createHash, sign, verify } from "node:crypto";
import { KeyFileError, SignatureError } from "./errors.ts";
import type { PublicKey, SecretKey } from "./keys.ts";
import { keyIdBytes, keyIdText, linesOf, strictBase64, TRUSTED, UNTRUSTED } from "./lines.ts";

/** The signature is of the BLAKE2b-512 digest of the data; "Ed", of the data itself, is minisign's legacy form. */
const PREHASHED = "ED";
const LEGACY = "Ed";
const SIGNATURE_LENGTH = 64;

interface Minisig {
  readonly keyId: string;
  readonly signature: Buffer;
  readonly trustedComment: string;
  /** Over the signature and the trusted comment. */
  readonly globalSignature: Buffer;
}

/** What a good signature says. */
export interface VerifiedSignature {
  readonly keyId: string;
  /** Signed too, so that it can be believed. */
  readonly trustedComment: string;
}

const digest = (data: Uint8Array): Buffer => createHash("blake2b512").update(data).digest();
const globalOf = (signature: Uint8Array, trustedComment: string): Buffer =>
  Buffer.concat([signature, Buffer.from(trustedComment, "utf8")]);

/** Signs `data` as `minisign -S` does. `trustedComment` is one line; `secretKey` stays in memory only. */
export function signMinisig(
  data: Uint8Array,
  secretKey: SecretKey,
  options: { readonly trustedComment: string },
): string {
  const { trustedComment } = options;
  if (/[\r\n\0]/.test(trustedComment))
    throw new KeyFileError("A trusted comment is one line of text.");
  const signature = sign(null, digest(data), secretKey.key);
  const global = sign(null, globalOf(signature, trustedComment), secretKey.key);
  const head = Buffer.concat([Buffer.from(PREHASHED), keyIdBytes(secretKey.keyId), signature]);
  return [
    `${UNTRUSTED}signature by key ${secretKey.keyId}`,
    head.toString("base64"),
    `${TRUSTED}${trustedComment}`,
    global.toString("base64"),
    "",
  ].join("\n");
}

function parseMinisig(text: string): Minisig {
  if (text.trim() === "")
    throw new SignatureError("release.signature_missing", "There is no signature.");
  const lines = linesOf(text);
  const [comment = "", head = "", trusted = "", tail = ""] = lines;
  const bytes = strictBase64(head, 2 + 8 + SIGNATURE_LENGTH);
  const globalSignature = strictBase64(tail, SIGNATURE_LENGTH);
  const wellFormed =
    lines.length === 4 && comment.startsWith(UNTRUSTED) && trusted.startsWith(TRUSTED);
  if (!wellFormed || bytes === undefined || globalSignature === undefined)
    throw new SignatureError("release.signature_invalid", "This is not a minisign signature file.");
  const algorithm = bytes.toString("latin1", 0, 2);
  if (algorithm === LEGACY)
    throw new SignatureError(
      "release.signature_legacy",
      "The signature is of minisign's legacy form; sign again without -l.",
    );
  if (algorithm !== PREHASHED)
    throw new SignatureError("release.signature_invalid", "The signature's algorithm is unknown.");
  return {
    keyId: keyIdText(bytes.subarray(2, 10)),
    signature: bytes.subarray(10),
    trustedComment: trusted.slice(TRUSTED.length),
    globalSignature,
  };
}

/**
 * Id of the key that a `.minisig` says it was made with: which trusted key to try, not a proof of anything.
 * @throws {SignatureError} when the text is no minisign signature.
 */
export function keyIdOf(signatureText: string): string {
  return parseMinisig(signatureText).keyId;
}

/**
 * Checks a `.minisig` text against the exact bytes that were signed.
 * @throws {SignatureError} with the code that says what does not hold.
 */
export function verifyMinisig(
  data: Uint8Array,
  signatureText: string,
  publicKey: PublicKey,
): VerifiedSignature {
  const { keyId, signature, trustedComment, globalSignature } = parseMinisig(signatureText);
  if (keyId !== publicKey.keyId)
    throw new SignatureError(
      "release.key_unknown",
      `Signed by key ${keyId}, not by key ${publicKey.keyId}.`,
    );
  if (!verify(null, digest(data), publicKey.key, signature))
    throw new SignatureError(
      "release.signature_invalid",
      "The signature does not belong to these bytes.",
    );
  if (!verify(null, globalOf(signature, trustedComment), publicKey.key, globalSignature))
    throw new SignatureError("release.signature_invalid", "The trusted comment was changed.");
  return { keyId, trustedComment };
}
