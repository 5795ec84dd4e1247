import { called, type HoldEffect, type HoldTarget } from "@flashline/contract";
import { counted } from "../../shared/format.ts";

const listed = (names: readonly string[]): string =>
  names.length <= 6
    ? names.join(", ")
    : `${names.slice(0, 6).join(", ")} and ${names.length - 6} more`;

/** What stopping something does, one fact a line. */
export function sayEffect(effect: HoldEffect): readonly string[] {
  const { name, nests, finishing, remaining, calledOff, orders } = effect;
  const lines = [
    nests.length === 0
      ? `${name} has no nest in use: nothing else stops.`
      : `${counted(nests.length, "nest")} ${nests.length === 1 ? "takes" : "take"} no more units.`,
    finishing.length > 0 &&
      `${counted(finishing.length, "unit")} in work ${finishing.length === 1 ? "comes" : "come"} to the end, and the results count.`,
    calledOff.length > 0 &&
      `${counted(calledOff.length, "job")} that ${calledOff.length === 1 ? "was" : "were"} not started: called off.`,
    remaining.length > 0 &&
      `${listed(remaining)} ${remaining.length === 1 ? "goes" : "go"} on with the same orders.`,
    orders.length > 0 &&
      `Nobody works on ${orders.map(({ number, left }) => `${number} (${counted(left, "unit")} to go)`).join(", ")} any more.`,
  ];
  return lines.filter((line) => line !== false);
}

interface Words {
  readonly stop: string;
  readonly resume: string;
  readonly stops: (name: string) => string;
  readonly resumes: (name: string) => string;
}

/** The plant's words for stopping each thing. */
export const HOLD_WORDS: Readonly<Record<"nest" | "station" | "line" | "host", Words>> = {
  nest: {
    stop: "Switch off",
    resume: "Switch on",
    stops: (name) => `Take nest ${name} out of use?`,
    resumes: (name) => `Put nest ${name} into use again?`,
  },
  station: {
    stop: "Pause",
    resume: "Resume",
    stops: (name) => `Pause ${called("station", name)}?`,
    resumes: (name) => `Let ${called("station", name)} go on?`,
  },
  line: {
    stop: "Pause the line",
    resume: "Resume the line",
    stops: (name) => `Pause ${called("line", name)}?`,
    resumes: (name) => `Let ${called("line", name)} go on?`,
  },
  host: {
    stop: "Quarantine",
    resume: "Lift the quarantine",
    stops: (name) => `Quarantine ${called("host", name)}?`,
    resumes: (name) => `Lift the quarantine of ${called("host", name)}?`,
  },
};

/** The same target as a query has it. */
export const queryOf = (target: HoldTarget): { kind: string } & Record<string, string> =>
  Object.fromEntries(
    Object.entries(target).filter((entry): entry is [string, string] => entry[1] !== undefined),
  ) as { kind: string } & Record<string, string>;
