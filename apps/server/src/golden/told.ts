import type { GoldenState } from "@flashline/contract";
import type { Sql } from "../db/sql.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";

/** A check with its names. */
export interface NamedCheck {
  readonly serial: string;
  readonly station: string;
  readonly nest: string;
  readonly nestId: string;
  readonly plantId: string;
  readonly runId: string | null;
}

/** Tells the ledger what became of a check, in the transaction of it. */
export const tellChecked = (
  sql: Sql,
  check: string,
  { serial, station, nest, nestId, plantId, runId: run }: NamedCheck,
  became: {
    readonly state: GoldenState;
    readonly code: string | null;
    readonly linkIncident: boolean;
  },
  by: Origin,
): Promise<void> =>
  recordEvent(sql, {
    kind: "golden.checked",
    by,
    plantId,
    subject: { id: nestId, name: `${station}/${nest}` },
    data: { check, serial, station, nest, run, ...became },
  });
