import type { RecipeView, ReleaseView } from "@flashline/contract";
import { hex32, table } from "../terminal/units.ts";

/** One release in a few lines for a person. */
export function releaseText(release: ReleaseView): string {
  const { product, version, counter, chip, state, check, checkCode, checkMessage, keyId } = release;
  const refused = check === "refused" ? ` (${checkCode ?? "?"}: ${checkMessage ?? ""})` : "";
  return `${product}@${version}  ${state}, check ${check}${refused}\n  counter ${counter}, ${chip}, key ${keyId}, id ${release.id}\n${recipeText(release.recipe)}`;
}

/** What a recipe asks of units beyond their image; nothing when it asks nothing. */
function recipeText({
  fields,
  bankMode,
  expectOptions,
  expectAfterLeave,
  withinSeconds,
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
    rows.length === 0 ? "" : `  per-unit data\n${table(rows)}`,
  ].join("");
}
