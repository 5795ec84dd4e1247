import type { HostState } from "./host.ts";
import { isAbove, type Rung } from "./ladder.ts";
import type { JudgedLevel, Level } from "./levels.ts";
import { narrowerThanHost } from "./ports.ts";

/** What explains the incidents of a host. */
export interface Blame {
  /** Never a release: hosts are compared within one. */
  readonly level: Exclude<Level, "release">;
  /** The port's or hub's path, the host, the PC, or the controller model. */
  readonly name: string;
}

/**
 * The narrowest thing that explains it: one port or hub of the host; the host; and where the other hosts of its PC or of its model have
 * the fault too, the PC or the model. A host that is OK is named with these two only: it has what they have, and shows little of it so far.
 */
export function blameOf(
  { host, pc, model, lately }: HostState,
  rungOf: (level: JudgedLevel, name: string) => Rung,
): Blame | undefined {
  const isOk = rungOf("controller", host) === "OK";
  const narrower = isOk ? undefined : narrowerThanHost(lately);
  if (narrower !== undefined) return { level: narrower.level, name: narrower.name };
  const isProven = (level: JudgedLevel, name: string) => isAbove(rungOf(level, name), "WATCH");
  if (isProven("model", model)) return { level: "model", name: model };
  if (isProven("pc", pc)) return { level: "pc", name: pc };
  return isOk ? undefined : { level: "controller", name: host };
}
