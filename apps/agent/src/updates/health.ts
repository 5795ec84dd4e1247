import { setTimeout as pause } from "node:timers/promises";
import { FlashlineError, isCode } from "@flashline/contract";
import type { ServerLink } from "../server/link.ts";

/** A server that nobody reaches in this time is away: then this PC's own checks are enough. Milliseconds. */
const SERVER_MS = 20_000;
const TRY_EVERY_MS = 1_000;

export interface HealthOptions {
  /** Of the station page. */
  readonly url: string;
  readonly link: Pick<ServerLink, "call">;
  readonly serverMs?: number;
}

/**
 * Whether a version that runs for the first time is good: its journal is open (else it would not have come so far), its page is served, and the
 * server understands it. @throws FlashlineError of what is not good
 */
export async function checkHealth({
  url,
  link,
  serverMs = SERVER_MS,
}: HealthOptions): Promise<void> {
  const page = await fetch(url);
  if (!page.ok) throw new FlashlineError("internal.bug", `The page answers ${page.status}.`);
  await page.arrayBuffer();
  const until = Date.now() + serverMs;
  for (;;) {
    try {
      await link.call("setup", {}, { timeoutMs: 5_000 });
      return;
    } catch (error) {
      // A server that answers and refuses would go on to.
      if (!isCode(error, "agent.offline")) throw error;
      if (Date.now() >= until) return;
    }
    await pause(TRY_EVERY_MS);
  }
}
