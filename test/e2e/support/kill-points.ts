import type { Death } from "./killed-line.ts";
import { callsBelow, DURABLE_CALLS, type KillPoint } from "./traced.ts";

/** Whether a line of the journal that was not synchronised is still there after the death. */
export type Power = "kept" | "lost";

/** Every durable call that a run made which nobody disturbed: there it can be killed. */
export async function pointsOf(folder: string, log: string): Promise<readonly KillPoint[]> {
  const calls = await callsBelow(folder, log);
  return DURABLE_CALLS.flatMap((call) =>
    calls.filter((one) => one.call === call).map((_, k) => ({ call, nth: k + 1 })),
  );
}

export interface Budget {
  /** What it is a death of, for the report. */
  readonly name: string;
  /** Milliseconds. */
  readonly budgetMs: number;
  readonly seed: number;
}

/**
 * Kills at each of the points, and once more with the last line of the journal lost where it can be. In an order that the seed gives: where the
 * time is over before all are done, what was done is a sample, and the output tells which.
 */
export async function killAtEach(
  points: readonly KillPoint[],
  one: (point: KillPoint, power: Power) => Promise<Death | undefined>,
  { name, budgetMs, seed }: Budget,
): Promise<{ readonly deaths: readonly Death[]; readonly isWhole: boolean }> {
  const until = performance.now() + budgetMs;
  const deaths: Death[] = [];
  const done: string[] = [];
  for (const point of shuffled(points, seed)) {
    if (performance.now() > until) break;
    done.push(`${point.call} ${point.nth}`);
    const death = await one(point, "kept");
    if (death === undefined) continue;
    deaths.push(death);
    if (death.mayLoseLine) await one(point, "lost");
  }
  const isWhole = done.length === points.length;
  const which = isWhole ? "" : `, FLASHLINE_SEED=${seed}: ${done.join(", ")}`;
  process.stdout.write(`${name}: killed at ${done.length} of ${points.length} points${which}\n`);
  return { deaths, isWhole };
}

/** Fisher and Yates, with the generator of Park and Miller. */
function shuffled<T>(list: readonly T[], seed: number): readonly T[] {
  const mixed = [...list];
  let state = (Math.abs(Math.trunc(seed)) % 2_147_483_646) + 1;
  for (let at = mixed.length - 1; at > 0; at -= 1) {
    state = (state * 48_271) % 2_147_483_647;
    const other = state % (at + 1);
    [mixed[at], mixed[other]] = [mixed[other] as T, mixed[at] as T];
  }
  return mixed;
}
