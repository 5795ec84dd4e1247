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
  /** When its last visit was received, ms since 1970. */
  readonly at: number;
}

/** The host of this visit, with the visit noted. `rate` is that of the plant before it; `onLine` counts the hosts of its line. */
export function hostAfter(
  before: HostState | undefined,
  visit: Visit,
  rate: Rate,
  onLine: number,
): HostState {
  return {
    host: visit.host,
    pc: visit.pc,
    model: visit.model,
    line: visit.line,
    past: before?.past ?? NO_PAST,
    lately: noteLately(before?.lately ?? NOTHING_LATELY, visit),
    flag: onLine > FEW_HOSTS ? NO_FLAG : flagAfter(before?.flag ?? NO_FLAG, rate, visit.incident),
    at: visit.at,
  };
}

/** What was before a repair says nothing about what is after it. */
export const repairHost = (before: HostState): HostState => ({
  ...before,
  past: NO_PAST,
  lately: NOTHING_LATELY,
  flag: NO_FLAG,
});
