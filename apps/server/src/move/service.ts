import {
  called,
  FlashlineError,
  type MoveQuery,
  type MoveRequest,
  type StationMove,
} from "@flashline/contract";
import type { z } from "zod";
import type { Database } from "../db/database.ts";
import type { Sql } from "../db/sql.ts";
import { findTarget } from "../holds/targets.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { lockOrders } from "../orders/change.repository.ts";
import { lockStations, takeFromQueues } from "../orders/queues.repository.ts";
import { lineWith, ordersAt, setLine, stationWith } from "./repository.ts";

const CHANGED = "Somebody changed the station's orders at this moment: look again.";

type Asked = z.output<typeof MoveQuery>;

/** What a move means; `same`: the station stands there already. */
interface Look {
  readonly stationId: string;
  readonly lineId: string;
  readonly plantId: string;
  readonly isSame: boolean;
  readonly orderIds: readonly string[];
  readonly move: StationMove;
}

/** Moves stations to other lines. */
export function moveService({ sql, transaction }: Database) {
  async function lookAt(on: Sql, idOrName: string, { line, plant }: Asked): Promise<Look> {
    const station = await stationWith(on, idOrName);
    if (station === undefined) {
      const parameters = { station: idOrName };
      const message = `There is no ${called("station", idOrName)}.`;
      throw new FlashlineError("request.not_found", message, { parameters });
    }
    const target = { kind: "line" as const, line, ...(plant === undefined ? {} : { plant }) };
    const to = await lineWith(on, (await findTarget(on, target)).targetId);
    if (to === undefined) throw new FlashlineError("internal.bug", "A line is gone.");
    if (to.retired) {
      const message = `${called("Line", to.line)} of ${to.plant} is retired: take that back first.`;
      throw new FlashlineError("request.conflict", message, { parameters: { line: to.line } });
    }
    const orders = await ordersAt(on, station.id);
    return {
      stationId: station.id,
      lineId: to.id,
      plantId: to.plantId,
      isSame: station.lineId === to.id,
      orderIds: orders.map(({ id }) => id),
      move: {
        station: station.name,
        from: { plant: station.plant, line: station.line },
        to: { plant: to.plant, line: to.line },
        orders: orders.map(({ id: _, ...order }) => order),
        hold: to.hold,
      },
    };
  }

  return {
    /** Rejects with `request.not_found` and `request.conflict`. */
    preview: async (idOrName: string, asked: Asked): Promise<StationMove> =>
      (await lookAt(sql, idOrName, asked)).move,

    /** To where it stands is no move. Orders are locked before their stations, as everywhere. */
    move(
      idOrName: string,
      { orders, reason, ...asked }: z.output<typeof MoveRequest>,
      by: Origin,
    ): Promise<Look> {
      return transaction(async (tx) => {
        const first = await lookAt(tx, idOrName, asked);
        const takes = orders === "take-off" && !first.isSame;
        const locked = takes ? await lockOrders(tx, [...first.orderIds].sort()) : [];
        const stations = await lockStations(tx, [first.move.station]);
        const look = await lookAt(tx, first.stationId, asked);
        if (look.isSame) return look;
        const known = new Set(locked.map(({ id }) => id));
        if (takes && look.orderIds.some((id) => !known.has(id))) {
          throw new FlashlineError("request.conflict", CHANGED);
        }
        const left = takes ? locked.filter(({ id }) => look.orderIds.includes(id)) : [];
        for (const { id, number } of left) {
          await takeFromQueues(tx, id, stations);
          await recordEvent(tx, {
            kind: "order.stations-removed",
            by,
            reason,
            plantId: stations[0]?.plantId ?? null,
            subject: { id, name: number },
            data: { stations: [look.move.station], to: null },
          });
        }
        await setLine(tx, look.stationId, look.lineId);
        await recordEvent(tx, {
          kind: "station.moved",
          by,
          reason,
          plantId: look.plantId,
          subject: { id: look.stationId, name: look.move.station },
          before: look.move.from,
          after: look.move.to,
          data: { takenOff: left.map(({ number }) => number) },
        });
        return look;
      });
    },
  };
}
