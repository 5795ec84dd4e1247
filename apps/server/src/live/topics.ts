import type { LiveEvent } from "@flashline/contract";
import type { Bus } from "../queue/bus.ts";

/** What changed, for the dashboard's event stream. Messages are LiveEvents. */
export const LIVE_TOPIC = "live";

/** Tells every open dashboard, on whichever replica it hangs. */
export function tellLive(bus: Bus, event: LiveEvent): void {
  bus.publish(LIVE_TOPIC, event);
}
