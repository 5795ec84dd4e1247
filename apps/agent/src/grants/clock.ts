import { readFileSync } from "node:fs";
import { uptime } from "node:os";
import { z } from "zod";

/** What a PC's clocks show at one moment. */
export interface Reading {
  /** The clock that people and time servers set, milliseconds since 1970. */
  readonly wall: number;
  /** Since the PC started, sleep included, milliseconds: nobody sets it. */
  readonly uptime: number;
  /** Another one after each start of the PC. */
  readonly bootId: string;
}

/** How much time has passed since a grant was asked for, and when that was last looked at. */
export const Point = z.object({
  /** Milliseconds; only grows. */
  elapsed: z.number().nonnegative(),
  wall: z.number(),
  uptime: z.number(),
  bootId: z.string(),
});
export type Point = z.infer<typeof Point>;

/** A clock that is this much behind was corrected and not set back, milliseconds. */
const CORRECTION_MS = 5_000;

/** The moment from which time is counted. */
export const startAt = (now: Reading): Point => ({ elapsed: 0, ...now });

/**
 * The same count now. While the PC runs, the larger one of what its uptime and its clock say: a clock that is set back wins no time, and one that is set
 * ahead loses some. Over a restart only the clock tells, so one that is behind the last look tells nothing: undefined.
 */
export function advanced(point: Point, now: Reading): Point | undefined {
  const byWall = now.wall - point.wall;
  if (now.bootId === point.bootId) {
    const passed = Math.max(0, byWall, now.uptime - point.uptime);
    return { ...now, elapsed: point.elapsed + passed };
  }
  if (byWall < -CORRECTION_MS) return undefined;
  return { ...now, elapsed: point.elapsed + Math.max(0, byWall) };
}

/** The id of this start of the PC: random/boot_id in proc_sys_kernel(5). On a system that has none each start of the agent counts as a start of the PC. */
function bootIdOf(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return `process ${process.pid} ${Date.now()}`;
  }
}

/** This PC's clocks. */
export function pcReading(): () => Reading {
  const bootId = bootIdOf();
  return () => ({ wall: Date.now(), uptime: uptime() * 1000, bootId });
}
