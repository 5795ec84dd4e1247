import { FlashlineError, HOLD_KINDS, type HoldKind, type HoldView } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { newId } from "../ids.ts";
import { actorOf, type Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { type Effect, effectOn } from "./effect.ts";
import type { FoundTarget } from "./targets.ts";

const Row = z.object({
  id: z.string(),
  kind: z.enum(HOLD_KINDS),
  name: z.string(),
  reason: z.string(),
  origin: z.enum(["person", "guard"]),
  setBy: z.string(),
  setAt: z.date(),
  liftedBy: z.string().nullable(),
  liftedAt: z.date().nullable(),
  liftReason: z.string().nullable(),
});

const COLUMNS = `h.id, h.kind, h.name, h.reason, h.origin, h.set_by AS "setBy", h.set_at AS "setAt",
  h.lifted_by AS "liftedBy", h.lifted_at AS "liftedAt", h.lift_reason AS "liftReason"`;

/** The hold that is on the target, whether it is this one or was there before. It stays locked until the end of the transaction. */
const SET = statement(
  ["id", "kind", "targetId", "batch", "name", "reason", "origin", "setBy"],
  Row,
  `
INSERT INTO hold AS h (id, kind, target_id, batch, name, reason, origin, set_by)
VALUES (:id::uuid, :kind, :targetId::uuid, :batch, :name, :reason, :origin, :setBy)
ON CONFLICT (target_id, batch) WHERE lifted_at IS NULL DO UPDATE SET kind = h.kind
RETURNING ${COLUMNS}`,
);

const ON = statement(
  ["targetId", "batch"],
  Row,
  `SELECT ${COLUMNS} FROM hold h
    WHERE h.target_id = :targetId::uuid AND h.batch = :batch AND h.lifted_at IS NULL`,
);

const LIFT = statement(
  ["targetId", "batch", "hold", "liftedBy", "reason"],
  Row,
  `
UPDATE hold h SET lifted_by = :liftedBy, lifted_at = now(), lift_reason = :reason
 WHERE h.target_id = :targetId::uuid AND h.batch = :batch AND h.lifted_at IS NULL
   AND (:hold::uuid IS NULL OR h.id = :hold::uuid)
RETURNING ${COLUMNS}`,
);

const LATEST = statement(
  ["targetId", "batch"],
  Row,
  `SELECT ${COLUMNS} FROM hold h WHERE h.target_id = :targetId::uuid AND h.batch = :batch
    ORDER BY h.set_at DESC, h.id DESC LIMIT 1`,
);

const LIST = statement(
  ["state", "kind", "targetId", "batch", "after", "limit"],
  Row,
  `
SELECT ${COLUMNS} FROM hold h
 WHERE (:state = 'all' OR (h.lifted_at IS NULL) = (:state = 'on'))
   AND (:kind::text IS NULL OR h.kind = :kind)
   AND (:targetId::uuid IS NULL OR h.target_id = :targetId::uuid AND h.batch = :batch)
   AND (:after::uuid IS NULL OR (h.set_at, h.id) < (SELECT b.set_at, b.id FROM hold b WHERE b.id = :after::uuid))
 ORDER BY h.set_at DESC, h.id DESC LIMIT :limit`,
);

const OF_UNIT = statement(
  ["unitId"],
  Row,
  `
SELECT ${COLUMNS} FROM unit u JOIN hold h ON (h.target_id, h.batch) IN ((u.id, ''), (u.product_id, u.batch))
 WHERE u.id = :unitId::uuid ORDER BY h.set_at DESC, h.id DESC`,
);

const EXISTS = statement(
  ["id"],
  z.object({ id: z.string() }),
  "SELECT id FROM hold WHERE id = :id::uuid",
);

/** Stations whose nests show it. */
const STATIONS = statement(
  ["targetId"],
  z.object({ id: z.string() }),
  `
SELECT s.id FROM station s
 WHERE :targetId::uuid IN (s.id, s.line_id)
    OR EXISTS (SELECT FROM nest n WHERE n.station_id = s.id AND :targetId::uuid IN (n.id, n.host_id))`,
);

const EVENT_KINDS = {
  host: { set: "host.quarantined", lifted: "host.cleared" },
  nest: { set: "nest.off", lifted: "nest.on" },
  station: { set: "station.paused", lifted: "station.resumed" },
  line: { set: "line.paused", lifted: "line.resumed" },
  unit: { set: "unit.held", lifted: "unit.released" },
  batch: { set: "batch.held", lifted: "batch.released" },
} as const satisfies Record<HoldKind, object>;

const viewOf = ({ setAt, liftedAt, ...same }: z.infer<typeof Row>): HoldView => ({
  ...same,
  setAt: setAt.toISOString(),
  liftedAt: liftedAt?.toISOString() ?? null,
});

const record = (
  tx: Sql,
  what: "set" | "lifted",
  target: FoundTarget,
  hold: z.infer<typeof Row>,
  reason: string,
  by: Origin,
) =>
  recordEvent(tx, {
    kind: EVENT_KINDS[target.kind][what],
    by,
    ...(target.plantId === null ? {} : { plantId: target.plantId }),
    subject: { id: target.targetId, name: target.name },
    reason,
    data: { hold: hold.id, origin: hold.origin },
  });

export interface HoldFilter {
  readonly state: "on" | "lifted" | "all";
  readonly kind: HoldKind | undefined;
  readonly target: FoundTarget | undefined;
  readonly after: string | undefined;
  readonly limit: number;
}

export type HoldsRepository = ReturnType<typeof holdsRepository>;

export function holdsRepository({ sql, transaction }: Database) {
  return {
    /** `isNew` is false where somebody had set this very hold before. Rejects with `request.conflict` where another one is on. */
    set(
      target: FoundTarget,
      reason: string,
      by: Origin,
    ): Promise<{ readonly hold: HoldView; readonly effect: Effect; readonly isNew: boolean }> {
      return transaction(async (tx) => {
        const id = newId();
        const { kind, targetId, batch, name } = target;
        const setBy = actorOf(by);
        const origin = by.door === "server" ? "guard" : "person";
        const effect = await effectOn(tx, target);
        const hold = await tx.row(SET, { id, kind, targetId, batch, name, reason, origin, setBy });
        if (hold === undefined) throw new FlashlineError("internal.bug");
        const isNew = hold.id === id;
        if (!isNew && (hold.reason !== reason || hold.setBy !== setBy)) {
          throw new FlashlineError(
            "request.conflict",
            `There is a hold on ${hold.name} already, by ${hold.setBy}: ${hold.reason}`,
            { parameters: { name: hold.name, by: hold.setBy, reason: hold.reason } },
          );
        }
        if (isNew) await record(tx, "set", target, hold, reason, by);
        return { hold: viewOf(hold), effect, isNew };
      });
    },
    /** The hold, now lifted, or as the same person lifted it before. Rejects with `request.not_found` and `request.conflict`. */
    lift(target: FoundTarget, reason: string, expected: string | null, by: Origin) {
      return transaction(async (tx): Promise<HoldView> => {
        const { targetId, batch, name } = target;
        const liftedBy = actorOf(by);
        const lifted = await tx.row(LIFT, { targetId, batch, hold: expected, liftedBy, reason });
        if (lifted !== undefined) {
          await record(tx, "lifted", target, lifted, reason, by);
          return viewOf(lifted);
        }
        const latest = await tx.row(LATEST, { targetId, batch });
        if (latest === undefined) {
          throw new FlashlineError("request.not_found", `There is no hold on ${name}.`, {
            parameters: { name },
          });
        }
        const isRepeat =
          latest.liftReason === reason &&
          latest.liftedBy === liftedBy &&
          (expected === null || latest.id === expected);
        if (isRepeat) return viewOf(latest);
        throw new FlashlineError(
          "request.conflict",
          latest.liftedAt === null
            ? `Another hold is on ${name} now, by ${latest.setBy}: ${latest.reason}`
            : `The hold on ${name} was lifted by ${latest.liftedBy}: ${latest.liftReason}`,
          { parameters: { name, by: latest.liftedBy ?? latest.setBy } },
        );
      });
    },
    /** The hold that is on the target, and what it does or would do. */
    async preview(target: FoundTarget): Promise<{ hold: HoldView | null; effect: Effect }> {
      const { targetId, batch } = target;
      const hold = await sql.row(ON, { targetId, batch });
      return {
        hold: hold === undefined ? null : viewOf(hold),
        effect: await effectOn(sql, target),
      };
    },
    async list({ state, kind, target, after, limit }: HoldFilter): Promise<readonly HoldView[]> {
      const rows = await sql.rows(LIST, {
        state,
        kind: kind ?? null,
        targetId: target?.targetId ?? null,
        batch: target?.batch ?? "",
        after: after ?? null,
        limit,
      });
      return rows.map(viewOf);
    },
    /** All that were on the unit or on its batch, the latest first. */
    ofUnit: async (unitId: string): Promise<readonly HoldView[]> =>
      (await sql.rows(OF_UNIT, { unitId })).map(viewOf),
    async exists(id: string): Promise<boolean> {
      return (await sql.row(EXISTS, { id })) !== undefined;
    },
    async stations({ targetId }: FoundTarget): Promise<readonly string[]> {
      return (await sql.rows(STATIONS, { targetId })).map(({ id }) => id);
    },
  };
}
