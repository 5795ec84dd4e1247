/** Why a signature or its key was refused. The strings are codes of the contract's table; this package depends on nothing. */
export type SignatureCode =
  | "release.signature_missing"
  | "release.signature_invalid"
  | "release.signature_legacy"
  | "release.key_unknown";

/** A signature that does not hold. */
export class SignatureError extends Error {
  override readonly name = "SignatureError";
  readonly code: SignatureCode;

  constructor(code: SignatureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A key file, or something to be signed, that does not have the form it must have. */
export class KeyFileError extends Error {
  override readonly name = "KeyFileError";
  readonly code = "request.invalid";
  /** The key may be good: it is encrypted with a password, which is not read here. */
  readonly encrypted: boolean;

  constructor(message: string, options?: ErrorOptions & { readonly encrypted?: boolean }) {
    super(message, options);
    this.encrypted = options?.encrypted ?? false;
  }
}
