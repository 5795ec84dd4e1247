import { classTransfers } from "./device-log.ts";
import { type Sample, TOOLS, type Tool } from "./emulated.ts";
import { type PartState, STATES } from "./subject.ts";

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = low] = [
    sorted[middle - (sorted.length % 2 === 0 ? 1 : 0)],
    sorted[middle],
  ];
  return (low + high) / 2;
}

/** One tool in one state of the part, against dfu-util in the same rounds. */
export interface Figure {
  readonly state: PartState;
  readonly tool: Tool;
  readonly deviceMs: number;
  readonly processMs: number;
  /** Median of the rounds' quotients: noise that both have in common is not in it. */
  readonly ratio: number;
  readonly processRatio: number;
  /** Requests of the DFU class, of the last round. */
  readonly transfers: number;
}

export function figuresOf(samples: readonly Sample[]): readonly Figure[] {
  const of = (tool: Tool, state: PartState) =>
    samples.filter((sample) => sample.tool === tool && sample.state === state);
  return STATES.flatMap((state) => {
    const theirs = of("dfu-util", state);
    return TOOLS.flatMap((tool): Figure[] => {
      const ours = of(tool, state);
      const last = ours.at(-1);
      if (last === undefined) return [];
      const ratioOf = (value: (sample: Sample) => number) =>
        median(
          ours.flatMap((sample, round) => {
            const other = theirs[round];
            return other === undefined ? [] : [value(sample) / value(other)];
          }),
        );
      return [
        {
          state,
          tool,
          deviceMs: median(ours.map(({ log }) => log.ms)),
          processMs: median(ours.map(({ processMs }) => processMs)),
          ratio: ratioOf(({ log }) => log.ms),
          processRatio: ratioOf(({ processMs }) => processMs),
          transfers: classTransfers(last.log),
        },
      ];
    });
  });
}

/** What the replayed sequence of `fast` may take of dfu-util's time, at 0.5 ms a transfer, in hundredths. */
export const REPLAY_TARGETS: Readonly<Record<PartState, number>> = {
  used: 0.95,
  blank: 0.41,
  unchanged: 0.02,
};
/** What the engine may take of the least possible time, in its own process. */
export const IN_PROCESS_TARGET = 1.03;
export const TOGETHER_TARGETS: Readonly<Record<number, number>> = { 8: 1.3, 16: 1.5 };
