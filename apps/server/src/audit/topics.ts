import type { Bus } from "../queue/bus.ts";

const SEALED_TOPIC = "sealed";

/** Events were sealed. Ask the ledger which: messages may be lost. */
export const tellSealed = (bus: Bus, head: number): void => bus.publish(SEALED_TOPIC, { head });

/** Calls back when events were sealed, on whichever replica. */
export const onSealed = (bus: Bus, listener: () => void): (() => void) =>
  bus.subscribe(SEALED_TOPIC, listener);
