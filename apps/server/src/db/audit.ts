import { newId } from "../ids.ts";
import type { Sql } from "./sql.ts";

/** Who did what to which thing. Appended in the transaction of the deed; never changed. */
export interface AuditEntry {
  /** A person's name, "token NAME", "station NAME" or "system". */
  readonly actor: string;
  /** "release.promote" */
  readonly action: string;
  /** Kind and id or name, "release 0192…". */
  readonly subject: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly reason?: string;
}

export async function appendAudit(sql: Sql, entry: AuditEntry): Promise<void> {
  const json = (value: unknown) => (value === undefined ? null : JSON.stringify(value));
  await sql.execute(
    `INSERT INTO audit_entry (id, actor, action, subject, before, after, reason)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [
      newId(),
      entry.actor,
      entry.action,
      entry.subject,
      json(entry.before),
      json(entry.after),
      entry.reason ?? null,
    ],
  );
}
