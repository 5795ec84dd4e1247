import type { StationLeaves } from "@flashline/contract";
import type { LockedStation, Queued } from "./queues.repository.ts";

/** The order that takes a station's next unit of a product: the first one with a unit left. */
const activeOf = (queue: readonly Queued[], productId: string): Queued | undefined =>
  queue.find((one) => one.productId === productId && one.room);

/** An order that comes to a station with this priority. */
export interface Coming {
  readonly orderId: string;
  readonly productId: string;
  readonly room: boolean;
  readonly priority: number;
}

/** Where the order would stand: behind those of its priority, unless it stands in the queue with it already. */
function placed(queue: readonly Queued[], coming: Coming): readonly Queued[] {
  const now = queue.find(({ orderId }) => orderId === coming.orderId);
  if (now?.priority === coming.priority) return queue;
  const others = queue.filter((one) => one !== now);
  const at = others.findIndex(({ priority }) => priority > coming.priority);
  const place = at < 0 ? others.length : at;
  const one: Queued = { stationId: "", number: "", inWork: 0, ...now, ...coming };
  return [...others.slice(0, place), one, ...others.slice(place)];
}

/**
 * What a station would stop working on: the order that it leaves by name, or the one whose place the other order takes. Null: nothing.
 */
export function leavesOf(
  station: LockedStation,
  queue: readonly Queued[],
  coming: Coming,
  from: Queued | undefined,
): StationLeaves | null {
  if (from !== undefined) {
    const { number, inWork } = from;
    return { station: station.name, order: number, inWork, stays: false };
  }
  const before = activeOf(queue, coming.productId);
  const after = activeOf(placed(queue, coming), coming.productId);
  if (before === undefined || before.orderId === after?.orderId) return null;
  return { station: station.name, order: before.number, inWork: before.inWork, stays: true };
}
