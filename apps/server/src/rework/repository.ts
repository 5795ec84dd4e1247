import { FlashlineError, type UnitRework } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { newId } from "../ids.ts";
import { actorOf, type Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { allowedSql, failuresSql, scrappedSql } from "./retest-sql.ts";

const RECORDS = `(SELECT coalesce(json_agg(json_build_object('id', w.id, 'kind', w.kind, 'attemptId', w.attempt_id, 'what', w.what,
    'by', w.done_by, 'at', to_char(w.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) ORDER BY w.at DESC, w.id DESC), '[]')
  FROM rework w WHERE w.unit_id = u.id)`;

const Found = z.object({
  serial: z.string(),
  product: z.string(),
  scrapped: z.boolean(),
  failures: z.number(),
  allowed: z.number(),
  /** Where the unit has an open job. */
  busyAt: z.string().nullable(),
  records: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      attemptId: z.string().nullable(),
      what: z.string(),
      by: z.string(),
      at: z.string(),
    }),
  ),
});
type Found = z.infer<typeof Found>;

const LOCK = statement(
  ["unitId"],
  z.object({ id: z.string() }),
  "SELECT id FROM unit WHERE id = :unitId::uuid FOR UPDATE",
);

const FIND = statement(
  ["unitId"],
  Found,
  `
SELECT u.serial, p.name AS product, ${scrappedSql("u.id")} AS scrapped, ${RECORDS} AS records,
       coalesce((SELECT max(${failuresSql("u.id", "e.id")}) FROM process_step e WHERE e.product_id = p.id), 0) AS failures,
       ${allowedSql("u.id", "p.retest_limit")} AS allowed,
       (SELECT s.name || ', nest ' || n.name FROM job j JOIN station s ON s.id = j.station_id JOIN nest n ON n.id = j.nest_id
         WHERE j.unit_id = u.id AND j.state IN ('QUEUED', 'OFFERED', 'LEASED', 'RUNNING')) AS "busyAt"
  FROM unit u JOIN product p ON p.id = u.product_id WHERE u.id = :unitId::uuid`,
);

const ADD = statement(
  ["id", "unitId", "kind", "attemptId", "what", "by"],
  z.object({ id: z.string() }),
  `
INSERT INTO rework (id, unit_id, kind, attempt_id, what, done_by, at)
VALUES (:id::uuid, :unitId::uuid, :kind, :attemptId::uuid, :what, :by, clock_timestamp())
RETURNING id`,
);

const FAILED = statement(
  ["attemptId", "unitId"],
  z.object({ id: z.string() }),
  "SELECT id FROM attempt WHERE id = :attemptId::uuid AND unit_id = :unitId::uuid AND outcome = 'FAIL'",
);

/** A record that somebody wants to add. */
export interface NewRecord {
  readonly unitId: string;
  readonly kind: "repair" | "override" | "hold-override" | "scrap" | "unscrap";
  readonly attemptId: string | null;
  readonly what: string;
  readonly by: Origin;
  /** Where a badge decided it. */
  readonly place?: { readonly station: string; readonly nest: string };
}

const viewOf = ({ scrapped, failures, allowed, records }: Found): UnitRework => ({
  scrapped,
  failures,
  allowed,
  records,
});

/** The last record of its sort says the same: the request came twice. */
function isRepeat({ records }: Found, { kind, attemptId, what, by }: NewRecord): boolean {
  const isEnd = (other: string) => other === "scrap" || other === "unscrap";
  const last = records.find(
    (record) => record.kind === kind || (isEnd(kind) && isEnd(record.kind)),
  );
  return (
    last?.kind === kind &&
    last.what === what &&
    last.attemptId === attemptId &&
    last.by === actorOf(by)
  );
}

function mustFit(found: Found, { kind }: NewRecord): void {
  const { serial, scrapped, failures, allowed, busyAt } = found;
  const conflict = (message: string) =>
    new FlashlineError("request.conflict", message, { parameters: { serial } });
  if (kind === "unscrap" && !scrapped) throw conflict(`${serial} is not scrapped.`);
  if (kind !== "unscrap" && scrapped) {
    throw new FlashlineError("preflight.scrapped", `${serial} was scrapped.`, {
      parameters: { serial },
    });
  }
  if (kind === "scrap" && busyAt !== null) {
    throw new FlashlineError("preflight.busy", `${serial} is in work at ${busyAt}.`, {
      parameters: { serial, at: busyAt },
    });
  }
  if (kind === "override" && failures < allowed) {
    throw conflict(`${serial} failed ${failures} of ${allowed} times: nobody has to allow a try.`);
  }
}

/** Whether a repeat would still be one: an override that was used up is asked for anew, and one of a hold only while the hold is in the way. */
const mayRepeat = (found: Found, { kind }: NewRecord): boolean =>
  kind !== "hold-override" && (kind !== "override" || found.failures < found.allowed);

function tell(sql: Sql, found: Found, record: NewRecord): Promise<void> {
  const { unitId, kind, attemptId, what: reason, by, place } = record;
  const about = { by, subject: { id: unitId, name: `${found.product} ${found.serial}` }, reason };
  const at = { station: place?.station ?? null, nest: place?.nest ?? null };
  switch (kind) {
    case "repair":
      return recordEvent(sql, {
        kind: "unit.repaired",
        ...about,
        data: { attemptId: attemptId ?? "" },
      });
    case "override":
      return recordEvent(sql, {
        kind: "unit.retest-allowed",
        ...about,
        data: { failures: found.failures, ...at },
      });
    case "hold-override":
      return recordEvent(sql, { kind: "unit.hold-overridden", ...about, data: at });
    case "scrap":
      return recordEvent(sql, { kind: "unit.scrapped", ...about, data: {} });
    case "unscrap":
      return recordEvent(sql, { kind: "unit.unscrapped", ...about, data: {} });
  }
}

export function reworkRepository({ sql, transaction }: Database) {
  return {
    /** Undefined: there is no such unit. */
    async of(unitId: string): Promise<UnitRework | undefined> {
      const found = await sql.row(FIND, { unitId });
      return found === undefined ? undefined : viewOf(found);
    },
    /**
     * Adds the record under the lock of its unit; the same again changes nothing. Rejects with `request.not_found` without such a unit,
     * `request.invalid` where the unit has no such failed attempt, `request.conflict` and `preflight.*` where its state does not allow it.
     */
    add(record: NewRecord): Promise<{ readonly isNew: boolean; readonly body: UnitRework }> {
      return transaction(async (tx) => {
        const { unitId, attemptId, kind, what, by } = record;
        await tx.row(LOCK, { unitId });
        const found = await tx.row(FIND, { unitId });
        if (found === undefined) throw new FlashlineError("request.not_found");
        if (isRepeat(found, record) && mayRepeat(found, record)) {
          return { isNew: false, body: viewOf(found) };
        }
        mustFit(found, record);
        if (attemptId !== null && (await tx.row(FAILED, { attemptId, unitId })) === undefined) {
          throw new FlashlineError(
            "request.invalid",
            `attemptId: ${found.serial} has no failed attempt ${attemptId}.`,
            { parameters: { serial: found.serial, attempt: attemptId } },
          );
        }
        await tx.row(ADD, { id: newId(), unitId, kind, attemptId, what, by: actorOf(by) });
        await tell(tx, found, record);
        const now = await tx.row(FIND, { unitId });
        return { isNew: true, body: viewOf(now ?? found) };
      });
    },
  };
}
