import { setTimeout as pause } from "node:timers/promises";
import { DemoError } from "../errors.ts";
import type { Child } from "./child.ts";

const LOOK_EVERY_MS = 150;

/** Asks until the process is ready. Rejects with its last words when it ends before, or takes longer than `withinMs`. */
export async function untilReady(
  child: Child,
  withinMs: number,
  isReady: () => Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  let over = false;
  void child.ended.then(() => {
    over = true;
  });
  while (performance.now() < deadline && !over) {
    if (await isReady().catch(() => false)) return;
    await pause(LOOK_EVERY_MS);
  }
  throw new DemoError(`${child.name} did not come up. Its last words:\n${child.tail()}`);
}
