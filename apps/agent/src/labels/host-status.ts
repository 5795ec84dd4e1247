/** What a printer says of itself: undefined is ready, else what is wrong with it. */
export type PrinterTrouble = "no paper" | "no ribbon" | "open" | "paused";

/** Asks for it (ZPL II, Host Status Return). */
export const ASK_STATUS = "~HS";
const STRINGS = 3;
const STX = "\u0002";
const ETX = "\u0003";

/** Whether the whole answer has come in: three strings, each from STX to ETX. */
export const isWholeStatus = (answer: string): boolean => answer.split(ETX).length > STRINGS;

/**
 * What the answer says is in the way; undefined where nothing is, and where it is no answer as it is written down: a printer that answers
 * something else is not kept from printing.
 */
export function troubleIn(answer: string): PrinterTrouble | undefined {
  const strings = answer
    .split(ETX)
    .slice(0, -1)
    .map((text) => text.slice(text.lastIndexOf(STX) + 1).split(","));
  const [first = [], second = []] = strings;
  if (strings.length < STRINGS || first.length !== 12 || second.length !== 11) return undefined;
  const [, paperOut, paused] = first;
  const [, , headUp, ribbonOut, withRibbon] = second;
  if (headUp === "1") return "open";
  if (paperOut === "1") return "no paper";
  if (ribbonOut === "1" && withRibbon === "1") return "no ribbon";
  return paused === "1" ? "paused" : undefined;
}
