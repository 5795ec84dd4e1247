import type { ReleaseView } from "@flashline/contract";

/** One release in a few lines for a person. */
export function releaseText(release: ReleaseView): string {
  const { product, version, counter, chip, state, check, checkCode, checkMessage, keyId } = release;
  const refused = check === "refused" ? ` (${checkCode ?? "?"}: ${checkMessage ?? ""})` : "";
  return `${product}@${version}  ${state}, check ${check}${refused}\n  counter ${counter}, ${chip}, key ${keyId}, id ${release.id}\n`;
}
