import type { HoldKind, HoldTarget } from "@flashline/contract";
import type { Command } from "commander";

/** What names a target beside its arguments. */
export interface TargetOptions {
  readonly product?: string;
  readonly plant?: string;
}

/** How people stop a thing of one kind, and let it go on. */
export interface HoldWords {
  readonly stop: string;
  readonly stopMeans: string;
  readonly resume: string;
  readonly resumeMeans: string;
  /** Arguments as `commander` writes them, with what they mean. */
  readonly args: readonly (readonly [string, string])[];
  /** The same in an example. */
  readonly example: string;
  readonly withOptions: (command: Command) => Command;
  readonly target: (args: readonly string[], options: TargetOptions) => HoldTarget;
}

const same = (command: Command) => command;
const at = (args: readonly string[], index: number) => args[index] ?? "";

/** "L1-03/2" is nest 2 of station L1-03; a station's name may have a slash in it, a nest's must not. */
function nestOf(text: string): HoldTarget {
  const slash = text.lastIndexOf("/");
  return { kind: "nest", station: text.slice(0, Math.max(slash, 0)), nest: text.slice(slash + 1) };
}

export const HOLD_WORDS: Readonly<Record<HoldKind, HoldWords>> = {
  host: {
    stop: "quarantine",
    stopMeans: "start no unit at a host any more",
    resume: "clear",
    resumeMeans: "lift a host's quarantine",
    args: [["<name>", "host as host show has it, its id, station or machine"]],
    example: "L1-03",
    withOptions: same,
    target: (args) => ({ kind: "host", host: at(args, 0) }),
  },
  nest: {
    stop: "off",
    stopMeans: "take a nest out of use",
    resume: "on",
    resumeMeans: "put a nest into use again",
    args: [["<nest>", "STATION/NEST"]],
    example: "L1-03/2",
    withOptions: same,
    target: (args) => nestOf(at(args, 0)),
  },
  station: {
    stop: "pause",
    stopMeans: "let a station take no more units",
    resume: "resume",
    resumeMeans: "let a station take units again",
    args: [["<station>", "the station's name"]],
    example: "L1-03",
    withOptions: same,
    target: (args) => ({ kind: "station", station: at(args, 0) }),
  },
  line: {
    stop: "pause",
    stopMeans: "let a line's stations take no more units",
    resume: "resume",
    resumeMeans: "let a line's stations take units again",
    args: [["<line>", "the line's name"]],
    example: "L1",
    withOptions: (command) =>
      command.option("--plant <name>", "its plant, where several have a line of this name"),
    target: (args, { plant }) => ({
      kind: "line",
      line: at(args, 0),
      ...(plant === undefined ? {} : { plant }),
    }),
  },
  unit: {
    stop: "hold",
    stopMeans: "do not flash a unit until it is released",
    resume: "release",
    resumeMeans: "lift a unit's hold",
    args: [["<serial>", "the unit's serial number"]],
    example: "CA-100001",
    withOptions: (command) =>
      command.option("--product <name>", "its product, where several have this serial"),
    target: (args, { product }) => ({
      kind: "unit",
      serial: at(args, 0),
      ...(product === undefined ? {} : { product }),
    }),
  },
  batch: {
    stop: "hold",
    stopMeans: "do not flash a batch's units until it is released",
    resume: "release",
    resumeMeans: "lift a batch's hold",
    args: [
      ["<product>", "the product's name"],
      ["<batch>", "the batch, as its units were registered with it"],
    ],
    example: "U2C LOT-9",
    withOptions: same,
    target: (args) => ({ kind: "batch", product: at(args, 0), batch: at(args, 1) }),
  },
};
