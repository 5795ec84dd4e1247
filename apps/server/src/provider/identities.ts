import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";

/** An identity at a provider. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
}

const OF = statement(
  ["issuer", "subject"],
  z.object({ id: z.string(), name: z.string(), role: z.string(), disabled: z.boolean() }),
  `
SELECT p.id, p.name, p.role, p.disabled_at IS NOT NULL AS disabled
  FROM person_identity i JOIN person p ON p.id = i.person_id
 WHERE i.issuer = :issuer AND i.subject = :subject`,
);

/** Whose identity it is. Undefined: nobody has logged in by it. */
export const personOfIdentity = (sql: Sql, { issuer, subject }: Identity) =>
  sql.row(OF, { issuer, subject });
