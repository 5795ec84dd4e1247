import type { ServerResponse } from "node:http";
import { FlashlineError } from "@flashline/contract";

/** A person's pages on several screens; who has more has a page that opens streams and does not close them. */
const MOST_OF_CALLER = 16;
/** Of one replica. Each costs a connection, and up to a megabyte while it does not read. */
const MOST = 256;
const RETRY_AFTER_S = 15;

const noPlace = (who: string, streams: number): FlashlineError =>
  new FlashlineError(
    "request.rate_limited",
    `${who} ${streams} streams of live events open; no more are taken.`,
    { parameters: { streams }, details: { retryAfterSeconds: RETRY_AFTER_S } },
  );

/** How many streams of live events are open, in all and by caller. */
export function listenerPlaces(most = MOST, mostOfCaller = MOST_OF_CALLER) {
  const open = new Map<string, number>();
  let all = 0;
  return {
    /** One more until `response` closes. Throws `request.rate_limited` when there is no place. */
    take(key: string, response: ServerResponse): void {
      // Gone meanwhile: "close" does not come again.
      if (response.destroyed) return;
      const own = open.get(key) ?? 0;
      if (own >= mostOfCaller) throw noPlace("You have", own);
      if (all >= most) throw noPlace("This server has", all);
      open.set(key, own + 1);
      all += 1;
      response.once("close", () => {
        all -= 1;
        const left = (open.get(key) ?? 1) - 1;
        if (left === 0) open.delete(key);
        else open.set(key, left);
      });
    },
  };
}
