import { markdown, seconds } from "../document.ts";
import { type Reported, when } from "../report.ts";
import type { StationFigure } from "./measure.ts";

/** From START to the first request to the unit, milliseconds at p95. */
const FIRST_REQUEST_MS = 300;

export function reportStations(figures: readonly StationFigure[], chipMs: number): Reported {
  const missed: string[] = [];
  const rows = figures.map((figure) => {
    const { nests, units, passed, firstRequest, cpu, mib } = figure;
    const [p50, p95, most] = firstRequest;
    if (!(p95 <= FIRST_REQUEST_MS)) {
      missed.push(`${nests} nests: ${p95.toFixed(0)} ms from START to the first request at p95`);
    }
    const hourly = (units / figure.seconds) * 3600;
    const chips = (nests * 3_600_000) / chipMs;
    return [
      ...[String(nests), String(units), hourly.toFixed(0), (hourly / chips).toFixed(2)],
      ...[seconds(passed), (passed / chipMs).toFixed(2)],
      [p50, p95, most].map((ms) => ms.toFixed(0)).join(" / "),
      `≤ ${FIRST_REQUEST_MS}`,
      ...[cpu.agent.toFixed(0), cpu.server.toFixed(0), cpu.units.toFixed(0)],
      ...[mib.agent.toFixed(0), mib.server.toFixed(0)],
    ];
  });
  const head = [
    ...["nests", "units", "units an hour", "of the chips' own"],
    ...["START to PASS, s", "of the chip's own"],
    ...["first request p50 / p95 / most, ms", "target at p95"],
    ...["agent ms", "server ms", "units ms", "agent MiB", "server MiB"],
  ];
  const text = `${when()}. The chip's own time: ${seconds(chipMs)} s a unit.\n\n${markdown(head, rows)}`;
  return { text, missed };
}
