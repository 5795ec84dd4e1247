import { type AttemptDetail, FIGURES, type Figure } from "@flashline/contract";
import { bytes, count } from "../../shared/format.ts";

interface FigureWords {
  readonly name: string;
  readonly text: (value: number) => string;
}

/** How a figure of an attempt is shown; one that is left out does not compile. */
const WORDS: Readonly<Record<Figure, FigureWords>> = {
  bytes: { name: "Read back equal", text: bytes },
  erasedSectors: { name: "Sectors erased", text: count },
  erasedRemainder: { name: "Erased beside the image", text: bytes },
  skippedSectors: { name: "Sectors skipped", text: count },
  transfers: { name: "Control transfers", text: count },
};

/** Name and text of every figure that was told. */
export const figureItems = (attempt: AttemptDetail): (readonly [string, string | null])[] =>
  FIGURES.map((figure) => {
    const { name, text } = WORDS[figure];
    const value = attempt[figure];
    return [name, value === null ? null : text(value)];
  });
