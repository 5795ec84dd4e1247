import { hash, randomBytes } from "node:crypto";

/** Kinds of secret, told by their first letters, so that one found in a log is recognised. */
export const SecretKind = {
  Station: "fls",
  ApiToken: "flt",
  Enrollment: "fle",
  Session: "flw",
} as const;
export type SecretKind = (typeof SecretKind)[keyof typeof SecretKind];

/** A new secret of 256 random bits. */
export const newSecret = (kind: SecretKind): string =>
  `${kind}_${randomBytes(32).toString("base64url")}`;

/** What is stored of a secret. It has 256 random bits, so a plain digest cannot be guessed back. */
export const hashSecret = (secret: string): string => hash("sha256", secret, "hex");

export function kindOf(secret: string): SecretKind | undefined {
  const prefix = secret.slice(0, secret.indexOf("_"));
  return Object.values(SecretKind).find((kind) => kind === prefix);
}
