import { FEW_HOSTS, type Flag, flagAfter, NO_FLAG, type Rate } from "./line.ts";
import { NO_PAST, type Past } from "./past.ts";
import { type Lately, NOTHING_LATELY, noteLately } from "./ports.ts";
import type { Visit } from "./visit.ts";

/** What is kept of a host beside its evidence. JSON. */
export interface HostState {
  readonly host: string;
  readonly pc: string;
  readonly model: string;
  /** Where it was last. */
  readonly line: string;
  readonly past: Past;
  readonly lately: Lately;
  readonly flag: Flag;
}

/** The host of this visit, with the visit noted. `rate` is that of the plant before it; `onLine` counts the hosts of its line. */
export function hostAfter(
  before: HostState | undefined,
  visit: Visit,
  rate: Rate,
  onLine: number,
): HostState {
  const { host, pc, model, line } = visit;
  const { past, lately, flag } = before ?? { past: NO_PAST, lately: NOTHING_LATELY, flag: NO_FLAG };
  return {
    ...{ host, pc, model, line, past },
    lately: noteLately(lately, visit),
    flag: onLine > FEW_HOSTS ? NO_FLAG : flagAfter(flag, rate, visit.incident),
  };
}

/** What was before a repair says nothing about what is after it. */
export const repairHost = (before: HostState): HostState => ({
  ...before,
  ...{ past: NO_PAST, lately: NOTHING_LATELY, flag: NO_FLAG },
});
