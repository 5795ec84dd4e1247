import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { KeyFileError } from "./errors.ts";
import { keyIdBytes, keyIdText, linesOf, strictBase64, UNTRUSTED } from "./lines.ts";

/** DER heads of RFC 8410 keys, followed by the 32 raw bytes. */
const SPKI_HEAD = Buffer.from("302a300506032b6570032100", "hex");
const PKCS8_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");
const RAW_LENGTH = 32;

const ALGORITHM = "Ed";
const PUBLIC_LENGTH = 2 + 8 + RAW_LENGTH;

/** Layout of minisign's `seckey_struct`, offsets in bytes. */
const SECRET = { kdf: 2, checksum: 4, id: 54, seed: 62, public: 94, end: 158 } as const;
const CHECKSUM_ALGORITHM = "B2";

/** A minisign public key. Whether it is trusted is the caller's business. */
export interface PublicKey {
  /** Sixteen hexadecimal digits as minisign prints them. */
  readonly keyId: string;
  readonly key: KeyObject;
}

/** A minisign secret key without its password; stays in memory only. */
export interface SecretKey {
  readonly keyId: string;
  readonly key: KeyObject;
}

const rawPublic = (key: KeyObject): Buffer =>
  key.export({ format: "der", type: "spki" }).subarray(-RAW_LENGTH);
const rawSeed = (key: KeyObject): Buffer =>
  key.export({ format: "der", type: "pkcs8" }).subarray(-RAW_LENGTH);

function publicFromRaw(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_HEAD, raw]), format: "der", type: "spki" });
}

function privateFromSeed(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: "der", type: "pkcs8" });
}

/** The base64 line of a key file; the comment above it is optional, as `minisign -P` takes the bare line too. */
function payloadOf(text: string, length: number, what: string): Buffer {
  const lines = linesOf(text.trim());
  const [first = "", second] = lines;
  const line = first.startsWith(UNTRUSTED) ? second : first;
  const expected = first.startsWith(UNTRUSTED) ? 2 : 1;
  const bytes = line === undefined ? undefined : strictBase64(line, length);
  if (
    bytes === undefined ||
    lines.length !== expected ||
    bytes.toString("latin1", 0, 2) !== ALGORITHM
  )
    throw new KeyFileError(`This is not a minisign ${what} key.`);
  return bytes;
}

/**
 * Reads a `.pub` file of minisign, or its base64 line alone.
 * @throws {KeyFileError} when it is neither.
 */
export function parsePublicKey(text: string): PublicKey {
  const bytes = payloadOf(text, PUBLIC_LENGTH, "public");
  return { keyId: keyIdText(bytes.subarray(2, 10)), key: publicFromRaw(bytes.subarray(10)) };
}

/** Text of a `.pub` file. */
export function formatPublicKey(publicKey: PublicKey): string {
  const bytes = Buffer.concat([
    Buffer.from(ALGORITHM),
    keyIdBytes(publicKey.keyId),
    rawPublic(publicKey.key),
  ]);
  return `${UNTRUSTED}minisign public key ${publicKey.keyId}\n${bytes.toString("base64")}\n`;
}

/**
 * Reads a secret key file without a password, as `minisign -G -W` writes it.
 * @throws {KeyFileError} when it is no such file, is encrypted, or its two halves contradict each other.
 */
export function parseSecretKey(text: string): SecretKey {
  const bytes = payloadOf(text, SECRET.end, "secret");
  if (bytes.readUInt16LE(SECRET.kdf) !== 0)
    throw new KeyFileError(
      "This secret key is encrypted with a password, which is not read here. " +
        "Make one without a password (minisign -G -W) and guard its file.",
      { encrypted: true },
    );
  const key = privateFromSeed(bytes.subarray(SECRET.seed, SECRET.public));
  if (
    !rawPublic(createPublicKey(key)).equals(
      bytes.subarray(SECRET.public, SECRET.public + RAW_LENGTH),
    )
  )
    throw new KeyFileError("This secret key is damaged: its public half belongs to another key.");
  return { keyId: keyIdText(bytes.subarray(SECRET.id, SECRET.seed)), key };
}

/** Text of a secret key file without a password. Anybody who can read the file can sign: write it with mode 0600. */
export function formatSecretKey(secretKey: SecretKey): string {
  const bytes = Buffer.alloc(SECRET.end);
  bytes.write(ALGORITHM, 0, "latin1");
  // Salt, limits and checksum stay zero: they belong to the encryption, and minisign skips them without one.
  bytes.write(CHECKSUM_ALGORITHM, SECRET.checksum, "latin1");
  keyIdBytes(secretKey.keyId).copy(bytes, SECRET.id);
  rawSeed(secretKey.key).copy(bytes, SECRET.seed);
  rawPublic(createPublicKey(secretKey.key)).copy(bytes, SECRET.public);
  return `${UNTRUSTED}minisign secret key ${secretKey.keyId}\n${bytes.toString("base64")}\n`;
}

/** The public half of a secret key, with the same key id. */
export function publicKeyOf(secretKey: SecretKey): PublicKey {
  return { keyId: secretKey.keyId, key: createPublicKey(secretKey.key) };
}

/** The secret key that a seed of 32 bytes makes, always the same. Its id is made of its public half. */
export function secretKeyOf(seed: Uint8Array): SecretKey {
  const key = privateFromSeed(seed);
  const digest = createHash("sha256")
    .update(rawPublic(createPublicKey(key)))
    .digest();
  return { keyId: keyIdText(digest.subarray(0, 8)), key };
}

/** A new Ed25519 key pair with a random key id. */
export function generateKeyPair(): {
  readonly publicKey: PublicKey;
  readonly secretKey: SecretKey;
} {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const keyId = keyIdText(randomBytes(8));
  return { publicKey: { keyId, key: publicKey }, secretKey: { keyId, key: privateKey } };
}
