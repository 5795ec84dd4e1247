import { type SecretKey, signMinisig } from "@flashline/signing";
import { newId } from "../ids.ts";
import type { Change } from "./publishing.ts";

const DAY_MS = 86_400_000;
/** So many days from now, as a statement says it. */
export const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();

/** A signed exception for a release of the seeded product, for one unit, from now for a week. */
export function signedException(
  release: { readonly version: string; readonly manifestSha256: string },
  change: Change,
  key: SecretKey,
) {
  const statement = Buffer.from(
    JSON.stringify({
      type: "flashline-exception",
      schema: 1,
      id: newId(),
      product: "PSU-40",
      version: release.version,
      manifestSha256: release.manifestSha256,
      lifts: ["release.expired"],
      units: { count: 1 },
      reason: "a repair",
      from: inDays(0),
      until: inDays(7),
      ...change,
    }),
  );
  return {
    statement: statement.toString("base64"),
    signature: signMinisig(statement, key, { trustedComment: "test" }),
  };
}
