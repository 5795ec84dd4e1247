import { DfuError, hex32 } from "../errors.ts";
import { checkVectorTables, type Image } from "../image/index.ts";
import type { Part } from "../parts/index.ts";
import { checkRecipe, type RecipeAsks } from "./check-recipe.ts";

/** An image of a release, as its manifest calls it. */
export interface NamedImage {
  readonly name: string;
  readonly image: Image;
}

/** Throws `image.overlap` where two images, or two segments of one, have the same address. */
function checkOverlap(images: readonly NamedImage[]): void {
  const taken: { name: string; from: number; to: number }[] = [];
  for (const { name, image } of images) {
    for (const { address: from, data } of image.segments) {
      const to = from + data.length;
      const other = taken.find((stretch) => from < stretch.to && stretch.from < to);
      if (other !== undefined) {
        throw new DfuError(
          "image.overlap",
          `${name} and ${other.name} overlap at ${hex32(Math.max(from, other.from))}.`,
        );
      }
      taken.push({ name, from, to });
    }
  }
}

/**
 * What all images of a release are together: they do not overlap, their vector table fits, and what the recipe asks of units can be done. Whoever
 * signs and whoever accepts a release ask the same. Throws a {@link DfuError} with the first problem.
 */
export function checkImages(
  images: readonly NamedImage[],
  recipe: RecipeAsks & { readonly vectorTable?: Parameters<typeof checkVectorTables>[1] },
  target: { readonly part: Part; readonly chip: string },
): void {
  checkOverlap(images);
  const all = images.map(({ image }) => image);
  checkVectorTables(all, recipe.vectorTable);
  checkRecipe(recipe, { ...target, images: all });
}
