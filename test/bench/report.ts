import { cpus } from "node:os";
import { markdown, seconds } from "./document.ts";
import type { Tool } from "./emulated.ts";
import { type Figure, IN_PROCESS_TARGET, REPLAY_TARGETS, TOGETHER_TARGETS } from "./figures.ts";
import type { PartCosts } from "./parts.ts";
import { REPLAYED_AT_MS, type Replayed } from "./replay.ts";
import type { PartState } from "./subject.ts";

export interface InProcess {
  readonly alone: {
    name: string;
    kib: number;
    profile: string;
    state: PartState;
    ms: number;
    /** Of the least possible time. */
    ratio: number;
    /** Of engine and transport, for one transfer. */
    cpuUs: number;
  }[];
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

/** This engine against dfu-util, in the virtual machine. It has no target: it measures the emulation as well. */
export function reportEmulated(figures: readonly Figure[], rounds: number): Reported {
  const rows = figures.map(({ state, tool, ratio, deviceMs, processMs, transfers }) => [
    state,
    hostOf(tool),
    seconds(deviceMs),
    tool === "dfu-util" ? "" : ratio.toFixed(2),
    seconds(processMs),
    String(transfers),
  ]);
  const head = ["part", "host", "device's log", "ratio", "process", "DFU transfers"];
  const text = `${when()}. Medians of ${rounds} rounds, seconds.\n\n${markdown(head, rows)}`;
  return { text, missed: [] };
}

const hostOf = (tool: Tool): string =>
  tool === "dfu-util" || tool === "usb alone" ? tool : `flashline ${tool}`;

/** The recorded sequences at what a transfer may cost. The targets are for the first cost. */
export function reportReplayed(replayed: readonly Replayed[]): Reported {
  const missed: string[] = [];
  const rows = replayed.map(({ tool, state, transfers, ms }) => {
    const theirs = replayed.find((other) => other.state === state && other.tool === "dfu-util");
    const ratios = ms.map((each, at) => inParts(each, theirs?.ms[at] ?? Number.NaN));
    const cells = ms.flatMap((each, at) => [
      seconds(each),
      tool === "dfu-util" ? "" : (ratios[at] ?? Number.NaN).toFixed(2),
    ]);
    const target = REPLAY_TARGETS[state];
    const ratio = ratios[0] ?? Number.NaN;
    if (tool === "fast" && !(ratio <= target)) {
      missed.push(`replayed, ${state} part, fast: ${ratio} of dfu-util's time, at most ${target}`);
    }
    return [state, hostOf(tool), String(transfers), ...cells, tool === "fast" ? `≤ ${target}` : ""];
  });
  const costs = REPLAYED_AT_MS.flatMap((cost) => [`at ${cost} ms`, "ratio"]);
  const head = ["part", "host", "transfers", ...costs, `target at ${REPLAYED_AT_MS[0]} ms`];
  return { text: `Seconds, by what a transfer costs.\n\n${markdown(head, rows)}`, missed };
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
  const aloneRows = alone.map(({ name, kib, profile, state, ms, ratio, cpuUs }) => {
    if (!(ratio <= IN_PROCESS_TARGET)) {
      missed.push(
        `in process, ${name}, ${state} part, ${profile}: ${ratio.toFixed(3)} of the least possible`,
      );
    }
    return [
      ...[name, `${kib} KiB`, state, profile, seconds(ms)],
      ...[ratio.toFixed(3), `≤ ${IN_PROCESS_TARGET}`, cpuUs.toFixed(0)],
    ];
  });
  const togetherRows = together.map(({ units, ms, ratio }) => {
    const target = TOGETHER_TARGETS[units] ?? Number.NaN;
    if (!(ratio <= target)) missed.push(`${units} units at once: ${ratio.toFixed(2)} of one`);
    return [String(units), seconds(ms), ratio.toFixed(2), `≤ ${target}`];
  });
  const text = [
    `${when()}. Medians of 3.\n`,
    markdown(
      [
        ...["part", "image", "holds", "profile", "seconds"],
        ...["of the least possible", "target", "µs of CPU a transfer"],
      ],
      aloneRows,
    ),
    markdown(["units at once", "seconds", "of one unit's time", "target"], togetherRows),
  ].join("\n");
  return { text, missed };
}
