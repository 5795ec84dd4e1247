/**
 * What is counted in an attempt. The report of the engine, the JSON of the desk tool, the result of an agent, the server's answer
 * and the dashboard take their figures from this list: docs/architecture.md, "Adding a figure".
 */
export const FIGURES = [
  /** Bytes of the image that were read back and equal. */
  "bytes",
  "erasedSectors",
  /** Bytes beside the image in the erased sectors, restored or not. */
  "erasedRemainder",
  /** Sectors whose erase was not needed: they held the image, or nothing. */
  "skippedSectors",
  /** Control transfers, failed ones too. */
  "transfers",
] as const;

/** The name of one figure of an attempt. */
export type Figure = (typeof FIGURES)[number];
/** Counts and milliseconds of one attempt, by name; 0 where nothing of the kind happened. */
export type Figures = Readonly<Record<Figure, number>>;

/** Of every figure what `value` says. */
export const eachFigure = <T>(value: (figure: Figure) => T): Record<Figure, T> =>
  Object.fromEntries(FIGURES.map((figure) => [figure, value(figure)])) as Record<Figure, T>;

/** Of an attempt that did nothing, or of which nothing is known. */
export const NO_FIGURES: Figures = eachFigure(() => 0);

/** The figures alone of what has more. */
export const figuresOf = (counted: Figures): Figures => eachFigure((figure) => counted[figure]);
