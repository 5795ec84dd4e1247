const UNKNOWN_AUTHORITY =
  "its certificate comes from an authority that this PC does not know; name the file of the plant's authority in NODE_EXTRA_CA_CERTS";

/** What Node says of a certificate that it does not take, by the code of its error (node:tls, "X509 certificate error codes"). */
const CERTIFICATE_TROUBLE: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet; look at the clocks of both machines",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name than this address",
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak https there; try http",
  EPROTO: "it does not speak https there; try http",
};

/** Why `fetch` failed, as a clause: it says "fetch failed" and hides the reason in the cause. */
export function whyUnreachable(error: Error): string {
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  const code = "code" in cause ? String(cause.code) : "";
  if (Object.hasOwn(CERTIFICATE_TROUBLE, code)) return CERTIFICATE_TROUBLE[code] ?? "";
  return cause.message === "" ? error.message : cause.message;
}
