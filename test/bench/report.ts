import { cpus } from "node:os";
import { markdown, seconds } from "./document.ts";
import type { Tool } from "./emulated.ts";
import { type Figure, IN_PROCESS_TARGET, TARGETS, TOGETHER_TARGETS } from "./figures.ts";
import type { PartCosts } from "./parts.ts";
import { REPLAYED_AT_MS, type Replayed } from "./replay.ts";
import type { PartState } from "./subject.ts";

export interface InProcess {
  readonly alone: { profile: string; state: PartState; ms: number; ratio: number }[];
  readonly together: { units: number; ms: number; ratio: number }[];
}

export interface Reported {
  /** Markdown. */
  readonly text: string;
  /** One line for each target that was missed. */
  readonly missed: readonly string[];
}

/** Begins every table: the day and the machine. */
export const when = (): string => {
  const day = new Date().toISOString().slice(0, 10);
  const [processor] = cpus();
  return `Measured on ${day}: ${processor?.model ?? "unknown processor"}, ${cpus().length} cores, Node.js ${process.version}`;
};

/** This engine against dfu-util, in the virtual machine. */
export function reportEmulated(figures: readonly Figure[], rounds: number): Reported {
  const missed: string[] = [];
  const rows = figures.map((figure) => {
    const { state, tool, ratio, deviceMs, processMs, transfers } = figure;
    const target = tool === "fast" ? TARGETS[state] : undefined;
    if (target !== undefined && !(ratio <= target)) {
      missed.push(`${state} part, fast: ${ratio.toFixed(2)} of dfu-util's time, at most ${target}`);
    }
    return [
      state,
      hostOf(tool),
      seconds(deviceMs),
      tool === "dfu-util" ? "" : ratio.toFixed(2),
      target === undefined ? "" : `≤ ${target}`,
      seconds(processMs),
      String(transfers),
    ];
  });
  const head = ["part", "host", "device's log", "ratio", "target", "process", "DFU transfers"];
  const text = `${when()}. Medians of ${rounds} rounds, seconds.\n\n${markdown(head, rows)}`;
  return { text, missed };
}

const hostOf = (tool: Tool): string =>
  tool === "dfu-util" || tool === "usb alone" ? tool : `flashline ${tool}`;

/** The recorded sequences at what a transfer may cost. Nothing is missed here: the targets are for what was measured. */
export function reportReplayed(replayed: readonly Replayed[]): Reported {
  const rows = replayed.map(({ tool, state, transfers, ms }) => {
    const theirs = replayed.find((other) => other.state === state && other.tool === "dfu-util");
    const cells = ms.flatMap((each, at) => {
      const ratio = each / (theirs?.ms[at] ?? Number.NaN);
      return [seconds(each), tool === "dfu-util" ? "" : ratio.toFixed(2)];
    });
    const target = tool === "fast" ? `≤ ${TARGETS[state]}` : "";
    return [state, hostOf(tool), String(transfers), ...cells, target];
  });
  const costs = REPLAYED_AT_MS.flatMap((cost) => [`at ${cost} ms`, "ratio"]);
  const table = markdown(["part", "host", "transfers", ...costs, "target"], rows);
  return { text: `Seconds, by what a transfer costs.\n\n${table}`, missed: [] };
}

/** Each part beside dfu-util's own sequence, on a virtual clock. */
export function reportParts(costs: readonly PartCosts[]): Reported {
  const missed: string[] = [];
  const rows = costs.flatMap(({ part, state, dfuUtil, ours }) => {
    const about = [part.name, `${part.kib} KiB`, state];
    const target = part.most[state];
    const fast = inParts(ours.fast.ms, dfuUtil.ms);
    if (!(fast <= target)) {
      missed.push(
        `${part.name}, ${state} part, fast: ${fast} of dfu-util's time, at most ${target}`,
      );
    }
    const standard = inParts(ours.standard.ms, dfuUtil.ms);
    return [
      [...about, "dfu-util", String(dfuUtil.transfers), seconds(dfuUtil.ms), "", ""],
      [
        ...about,
        "fast",
        String(ours.fast.transfers),
        seconds(ours.fast.ms),
        fast.toFixed(2),
        `≤ ${target}`,
      ],
      [
        ...about,
        "standard",
        String(ours.standard.transfers),
        seconds(ours.standard.ms),
        standard.toFixed(2),
        "",
      ],
    ];
  });
  const head = ["part", "image", "holds", "host", "transfers", "seconds", "ratio", "target"];
  return { text: markdown(head, rows), missed };
}

/** As a target is given: in hundredths. */
export const inParts = (ms: number, of: number): number => Math.round((100 * ms) / of) / 100;

/** The engine alone, in its own process. */
export function reportInProcess({ alone, together }: InProcess): Reported {
  const missed: string[] = [];
  const aloneRows = alone.map(({ profile, state, ms, ratio }) => {
    if (!(ratio <= IN_PROCESS_TARGET)) {
      missed.push(
        `in process, ${state} part, ${profile}: ${ratio.toFixed(3)} of the least possible`,
      );
    }
    return [state, profile, seconds(ms), ratio.toFixed(3), `≤ ${IN_PROCESS_TARGET}`];
  });
  const togetherRows = together.map(({ units, ms, ratio }) => {
    const target = TOGETHER_TARGETS[units] ?? Number.NaN;
    if (!(ratio <= target)) missed.push(`${units} units at once: ${ratio.toFixed(2)} of one`);
    return [String(units), seconds(ms), ratio.toFixed(2), `≤ ${target}`];
  });
  const text = [
    `${when()}. Medians of 3.\n`,
    markdown(["part", "profile", "seconds", "of the least possible", "target"], aloneRows),
    markdown(["units at once", "seconds", "of one unit's time", "target"], togetherRows),
  ].join("\n");
  return { text, missed };
}
