import { z } from "zod";
import type { Bus } from "../queue/bus.ts";

const TOPIC = "setup";

/** What one station is told on whichever replica it waits. */
export const stationTopic = (stationId: string): string => `station.${stationId}`;

/**
 * What stations are and work on changed, of one or of many: their agents should ask for their setup again. The agents of
 * `stationIds` hear of it now, all others with their next sign of life.
 */
export function tellSetupChanged(bus: Bus, stationIds: readonly string[] = []): void {
  bus.publish(TOPIC, { stationIds });
  for (const id of stationIds) bus.publish(stationTopic(id), { kind: "setup" });
}

const Changed = z.object({ stationIds: z.array(z.string()) });

/** `listener` gets the stations that were told. */
export const onSetupChanged = (
  bus: Bus,
  listener: (stationIds: readonly string[]) => void,
): (() => void) =>
  bus.subscribe(TOPIC, (message) => listener(Changed.safeParse(message).data?.stationIds ?? []));
