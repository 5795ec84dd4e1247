import type { ServerResponse } from "node:http";
import { FlashlineError } from "@flashline/contract";

/** How often it is asked whether who listens still may, milliseconds. */
const EVERY_MS = 5_000;

/**
 * Calls `end` when `ask` rejects with an `auth.*` code: the person was disabled or logged out, the token was revoked. Every other
 * failure, such as a database that is away, ends nothing.
 */
export function watchListener(
  response: ServerResponse,
  ask: () => Promise<unknown>,
  end: () => void,
  everyMs: number = EVERY_MS,
): void {
  let asking = false;
  const timer = setInterval(() => {
    if (asking) return;
    asking = true;
    ask()
      .catch((error: unknown) => {
        if (error instanceof FlashlineError && error.code.startsWith("auth.")) end();
      })
      .finally(() => {
        asking = false;
      });
  }, everyMs);
  timer.unref();
  response.once("close", () => clearInterval(timer));
}
