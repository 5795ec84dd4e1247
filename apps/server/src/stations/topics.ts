import { z } from "zod";
import type { Bus } from "../queue/bus.ts";

const TOPIC = "setup";

/** What every station is told. */
export const EVERY_STATION = "stations";
/** What one station is told on whichever replica it waits. */
export const stationTopic = (stationId: string): string => `station.${stationId}`;

/**
 * What stations are and work on changed, or what their units may: their agents should ask again. The agents of `stationIds` hear of
 * it now, those of the others with their next sign of life; without `stationIds` all hear of it now.
 */
export function tellSetupChanged(bus: Bus, stationIds?: readonly string[]): void {
  bus.publish(TOPIC, { stationIds: stationIds ?? [] });
  const topics = stationIds?.map(stationTopic) ?? [EVERY_STATION];
  for (const topic of topics) bus.publish(topic, { kind: "setup" });
}

const Changed = z.object({ stationIds: z.array(z.string()) });

/** `listener` gets the stations that were told. */
export const onSetupChanged = (
  bus: Bus,
  listener: (stationIds: readonly string[]) => void,
): (() => void) =>
  bus.subscribe(TOPIC, (message) => listener(Changed.safeParse(message).data?.stationIds ?? []));
