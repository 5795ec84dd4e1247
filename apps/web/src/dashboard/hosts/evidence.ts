/** R grows no further. */
export const TOP_R = 1e9;
/** The chart ends here: what lies above is told in words. */
const DRAWN_TO = 1e7;

/** Where R is drawn: 0 at 1 and below, 1 at the chart's upper end, by its logarithm. */
export const heightOf = (r: number): number =>
  Math.log10(Math.min(DRAWN_TO, Math.max(1, r))) / Math.log10(DRAWN_TO);
