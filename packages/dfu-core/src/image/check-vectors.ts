import { DfuError, hex32 } from "../errors.ts";
import type { Image } from "./image.ts";
import { mergeImages } from "./merge.ts";
import { findVectorTable, vectorTableAt, vectorTableProblem } from "./vector-table.ts";

/**
 * Holds the images of a release against what its recipe says of the vector table: its address, or "none". Without a word of
 * the recipe the table must be at the lowest address and fit there. A further image that begins with a table must fit its
 * own address too, unless the recipe says "none". Throws `image.vectors`.
 */
export function checkVectorTables(images: readonly Image[], wanted?: number | "none"): void {
  if (wanted === "none") return;
  const whole = mergeImages(images);
  const problem =
    vectorTableProblem(whole, wanted) ??
    images
      .map(({ segments }) => segments[0]?.address ?? 0)
      .filter((address) => vectorTableAt(whole, address) !== undefined)
      .map((address) => vectorTableProblem(whole, address))
      .find((found) => found !== undefined);
  if (problem === undefined) return;
  const found = findVectorTable(whole);
  const elsewhere =
    found === undefined ? "" : `; there is one that fits at ${hex32(found.address)}`;
  throw new DfuError("image.vectors", `${problem}${elsewhere}`);
}
