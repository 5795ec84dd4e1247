import { markdown, seconds } from "../document.ts";
import type { LinkFigure } from "./measure.ts";

const SOUND = "sound";

/** `before`: what an earlier engine did, beside each row that has a counterpart. */
export function reportLinks(figures: readonly LinkFigure[], before: readonly LinkFigure[]): string {
  const rows = figures.map((figure) => {
    const old = counterpart(figure, before);
    return [
      `${figure.unit}, ${figure.kib} KiB`,
      figure.link,
      ...cells(figure),
      String(figure.transfers),
      figure.profiles.map(([name, runs]) => `${name} ${runs}`).join(", "),
      ...(old === undefined ? ["", "", ""] : cells(old)),
      extraOf(figure, figures, before),
    ];
  });
  const head = [
    ...["unit", "link", "PASS", "median", "longest", "transfers", "profile at the end"],
    ...["before: PASS", "median", "longest", "extra time"],
  ];
  const runs = figures[0]?.runs ?? 0;
  return `Runs of each row: ${runs}. Seconds of the unit's clock.\n\n${markdown(head, rows)}`;
}

const cells = ({ passed, runs, medianMs, longestMs }: LinkFigure): readonly string[] => [
  `${passed} of ${runs}`,
  seconds(medianMs),
  seconds(longestMs),
];

/** The row of the same unit, image and link. */
export const counterpart = (
  { unit, kib, link }: Pick<LinkFigure, "unit" | "kib" | "link">,
  among: readonly LinkFigure[],
): LinkFigure | undefined =>
  among.find((other) => other.unit === unit && other.kib === kib && other.link === link);

/** What the link costs beyond a sound one, in parts of what it cost before; empty where a run failed, then or now. */
function extraOf(
  figure: LinkFigure,
  figures: readonly LinkFigure[],
  before: readonly LinkFigure[],
): string {
  const { unit, kib, link, medianMs } = figure;
  const sound = counterpart({ unit, kib, link: SOUND }, figures);
  const old = counterpart(figure, before);
  const oldSound = counterpart({ unit, kib, link: SOUND }, before);
  if (link === SOUND || !sound || !old || !oldSound) return "";
  if (figure.passed < figure.runs || old.passed < old.runs) return "";
  const cost = old.medianMs - oldSound.medianMs;
  return cost < 1 ? "" : ((medianMs - sound.medianMs) / cost).toFixed(2);
}
