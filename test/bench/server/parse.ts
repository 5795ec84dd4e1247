import { FlashlineError } from "@flashline/contract";

/** Linux counts processor time in hundredths of a second for every program. Milliseconds. */
const TICK_MS = 10;

/** Processor time of a process in /proc/PID/stat, milliseconds: its own, and its children's that ended. */
export function parseStat(text: string): { readonly own: number; readonly ended: number } {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [user, system, endedUser, endedSystem] = fields.slice(11, 15).map(Number);
  if (endedSystem === undefined || !Number.isFinite(endedSystem)) {
    throw new FlashlineError("internal.bug", `No line of /proc/PID/stat: ${text}`);
  }
  const ticks = (a = 0, b = 0) => (a + b) * TICK_MS;
  return { own: ticks(user, system), ended: ticks(endedUser, endedSystem) };
}

/** Transactions a second in pgbench's report. Throws `internal.bug` for another report. */
export function parseRate(report: string): number {
  const found = /^tps = ([\d.]+) \(without initial connection time\)$/m.exec(report)?.[1];
  if (found === undefined) throw new FlashlineError("internal.bug", `pgbench said: ${report}`);
  return Number(found);
}
