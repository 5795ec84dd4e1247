import { generateKeyPair, type PublicKey, signMinisig } from "@flashline/signing";

const { publicKey, secretKey } = generateKeyPair();
const data = new TextEncoder().encode("what was signed");

/** A pair for this run: what an attacker can send is the signature, not the key. */
export const KEYS: {
  readonly data: Uint8Array;
  readonly publicKey: PublicKey;
  readonly secretKey: typeof secretKey;
  readonly signature: string;
} = {
  data,
  publicKey,
  secretKey,
  signature: signMinisig(data, secretKey, { trustedComment: "x" }),
};
