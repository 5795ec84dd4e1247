import { normaliseSerial } from "@flashline/contract";
import { plainText } from "../db/json-text.ts";
import type { Sql } from "../db/sql.ts";
import { readFacts } from "./facts.repository.ts";
import type { Scan } from "./order.service.ts";
import type { JobRefusal } from "./refusal.ts";
import { refusalOf, unreadableRefusal } from "./rules.ts";

/** A scan in a nest of a station as the rules see it. */
export interface ScanAnswer {
  /** Null: there is no such unit yet. */
  readonly unitId: string | null;
  /** Null: it may be started. */
  readonly refusal: JobRefusal | null;
}

/** Asks the same rules as a preflight. */
export async function readScan(
  sql: Sql,
  stationId: string,
  scan: Scan & { readonly operator: string | null },
): Promise<ScanAnswer> {
  const serial = normaliseSerial(scan.serial);
  const unreadable = unreadableRefusal(serial);
  if (unreadable !== null) return { unitId: null, refusal: unreadable };
  const nest = plainText(scan.nest);
  const { facts } = await readFacts(sql, {
    stationId,
    nest,
    serial,
    jobId: null,
    operator: scan.operator,
  });
  return { unitId: facts.unit?.id ?? null, refusal: refusalOf(serial, nest, facts, scan) };
}
