import { type CallAnswer, type EndpointName, RefusedError } from "@flashline/contract";
import type { State } from "../plant/state.ts";
import type { World } from "../plant/world.ts";

/** A step with everything in it decided: which job, which ids, which bytes. */
export interface Plan {
  /** What the step's numbers come to. */
  readonly about?: string;
  /** What is so before it happens, and before what happens at the same time. */
  readonly ahead?: { model(s: State): void; real(world: World): Promise<void> };
  /** It is asked twice at once, through both replicas. */
  readonly twice?: boolean;
  /** Does it once in the model and says what the server should answer. May be done in a copy and thrown away. */
  model(s: State): string;
  /** Asks the server, through this replica, and says what it answered. */
  real(world: World, replica: number): Promise<string>;
}

/** Something that a station, a person or time does. */
export interface Step {
  readonly name: string;
  /** Null: it makes no sense now. */
  plan(s: State, world: World): Plan | null;
}

/** What a call was answered with, in a word: `tell`'s, or the code of the refusal. */
export async function answered<N extends EndpointName>(
  call: Promise<CallAnswer<N>>,
  tell: (answer: CallAnswer<N>) => string = () => "ok",
): Promise<string> {
  try {
    return tell(await call);
  } catch (error) {
    if (error instanceof RefusedError) return error.refusal.code;
    throw error;
  }
}

/** What was said to one who asked, or to two who asked the same at once. */
export const saidTogether = (answers: readonly string[]): string =>
  [...new Set(answers)].sort().join(" and ");

/** The same question to both replicas at once. */
export const toBoth = async (ask: (replica: number) => Promise<string>): Promise<string> =>
  saidTogether(await Promise.all([ask(0), ask(1)]));

/** The element that a random number points at. */
export const pick = <T>(from: readonly T[], at: number): T | undefined => from[at % from.length];

const NEST_NAMES = ["A", "B"];
export const nestName = (nest: number): string => NEST_NAMES[nest] ?? "";
export const stationOf = (world: World, at: number) => {
  const found = world.stations[at];
  if (found === undefined) throw new RangeError(`the world has no station ${at}`);
  return found;
};
