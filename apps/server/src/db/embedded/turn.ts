import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { FlashlineError } from "@flashline/contract";

/** initdb on a slow disk takes seconds, a recovery up to a minute, milliseconds. */
const PATIENCE_MS = 90_000;
const LOOK_MS = 100;

/**
 * Runs `work` while no other process does the same for this folder. An abstract socket (unix(7)) goes with its process, so that
 * kill -9 leaves nothing behind; only Linux has them, and elsewhere nobody waits. Rejects with `server.unavailable` when the
 * other one does not come to its end in a minute and a half, and with the reason of `signal`, which ends the waiting only.
 */
export async function inTurn<T>(
  folder: string,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  if (process.platform !== "linux") return await work();
  const key = createHash("sha256").update(realpathSync(folder)).digest("hex").slice(0, 32);
  const name = `\0flashline-postgres-${key}`;
  const deadline = performance.now() + PATIENCE_MS;
  let turn = await take(name);
  while (turn === undefined) {
    if (performance.now() > deadline) {
      throw new FlashlineError(
        "server.unavailable",
        `Another process has been starting or stopping the PostgreSQL of ${folder} for a long time.`,
      );
    }
    await pause(LOOK_MS);
    signal?.throwIfAborted();
    turn = await take(name);
  }
  try {
    return await work();
  } finally {
    await turn();
  }
}

/** What gives the turn back; undefined while somebody else has it. */
async function take(name: string): Promise<(() => Promise<void>) | undefined> {
  const holder = createServer();
  const taken = await new Promise<boolean>((resolve) => {
    holder.once("error", () => resolve(false));
    holder.listen(name, () => resolve(true));
  });
  if (!taken) return undefined;
  return () => new Promise((resolve) => holder.close(() => resolve()));
}
