import {
  describeEvidence,
  type RecipeView,
  type ReleaseView,
  serialRuleText,
} from "@flashline/contract";
import { hex32, table } from "../terminal/units.ts";

/** One release in a few lines for a person. */
export function releaseText(release: ReleaseView): string {
  const { product, version, counter, chip, state, check, checkCode, checkMessage, keyId } = release;
  const refused = check === "refused" ? ` (${checkCode ?? "?"}: ${checkMessage ?? ""})` : "";
  const { passed, failed, expiresAt, daysLeft } = release;
  const units = passed + failed === 0 ? "" : `  ${passed} units passed, ${failed} failed\n`;
  const expiry =
    expiresAt === null
      ? ""
      : `  ${(daysLeft ?? 0) < 0 ? "expired" : `expires in ${daysLeft} days,`} ${expiresAt}\n`;
  const channels = release.channels.length === 0 ? "" : `  in ${release.channels.join(", ")}\n`;
  return `${product}@${version}  ${state}, check ${check}${refused}\n${channels}  counter ${counter}, ${chip}, key ${keyId}, id ${release.id}\n${units}${expiry}${canaryText(release)}${recipeText(release.recipe)}`;
}

/** Where a release's canary stands or how it ended, with its evidence; nothing where it never was one. */
export function canaryText({ state, canary }: Pick<ReleaseView, "state" | "canary">): string {
  if (canary === null) return "";
  const { predecessor, stations, units, used, evidence } = canary;
  const at = stations.join(", ");
  if (state !== "canary" && state !== "paused") {
    return `  was a canary: ${used} of ${units} units at ${at} instead of ${predecessor}\n  ${describeEvidence(evidence, predecessor)}\n`;
  }
  const paused =
    canary.pausedAt === null
      ? ""
      : `  paused ${canary.pausedAt} by ${canary.pausedOrigin === "guard" ? "its evidence" : canary.pausedBy}: ${canary.pausedReason}\n`;
  const waiting =
    evidence.waiting === 0 ? "" : ` ${evidence.waiting} wait for units of ${predecessor}.`;
  return (
    `  canary: ${used} of ${units} units at ${at}; all others get ${predecessor}\n` +
    `  ${describeEvidence(evidence, predecessor)}${waiting}\n${paused}`
  );
}

/** What a recipe asks of units beyond their image; nothing when it asks nothing. */
function recipeText({
  fields,
  bankMode,
  expectOptions,
  expectAfterLeave,
  withinSeconds,
  shownSerial,
}: RecipeView): string {
  const wanted = Object.entries(expectOptions).map(([name, value]) => `${name}=${value}`);
  const rows = fields.map(({ name, kind, address, length, secret, from, range }) => [
    `    ${name}`,
    kind,
    `${hex32(address)}+${length}`,
    range === null ? from : `${from} ${range}`,
    secret ? "secret" : "",
  ]);
  return [
    bankMode === undefined ? "" : `  for ${bankMode} bank mode\n`,
    wanted.length === 0 ? "" : `  expects option bytes ${wanted.join(", ")}\n`,
    expectAfterLeave === null
      ? ""
      : `  expects ${expectAfterLeave} within ${withinSeconds ?? 0} s of the start\n`,
    shownSerial === undefined
      ? ""
      : `  expects the USB serial ${serialRuleText(shownSerial)} within ${withinSeconds ?? 0} s of the start\n`,
    rows.length === 0 ? "" : `  per-unit data\n${table(rows)}`,
  ].join("");
}
