import { createHmac, randomBytes } from "node:crypto";

// The Standard Webhooks convention, https://www.standardwebhooks.com: three headers, HMAC-SHA256 over "id.timestamp.body".

const PREFIX = "whsec_";
const SECRET_BYTES = 32;

/** A new secret, as its receiver keeps it. */
export const newWebhookSecret = (): string =>
  `${PREFIX}${randomBytes(SECRET_BYTES).toString("base64")}`;

/** The headers of one message, signed with every secret that counts. `atS`: seconds since 1970. */
export function signedHeaders(
  secrets: readonly string[],
  id: string,
  atS: number,
  body: Buffer,
): Readonly<Record<string, string>> {
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), "base64");
    const digest = createHmac("sha256", key).update(`${id}.${atS}.`).update(body).digest("base64");
    return `v1,${digest}`;
  });
  return {
    "webhook-id": id,
    "webhook-timestamp": String(atS),
    "webhook-signature": signatures.join(" "),
  };
}
