export { KeyFileError, type SignatureCode, SignatureError } from "./errors.ts";
export {
  formatPublicKey,
  formatSecretKey,
  generateKeyPair,
  type PublicKey,
  parsePublicKey,
  parseSecretKey,
  publicKeyOf,
  type SecretKey,
  secretKeyOf,
} from "./keys.ts";
export { keyIdOf, signMinisig, type VerifiedSignature, verifyMinisig } from "./signature.ts";
