import { FlashlineError } from "@flashline/contract";
import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { endSessionsOf } from "./sessions.ts";

/** An identity at a provider (OpenID Connect). */
export interface Identity {
  /** As the settings write it. */
  readonly issuer: string;
  /** The provider's own name of the person: never anybody else's. */
  readonly subject: string;
}

const OWNER = statement(
  ["issuer", "subject"],
  z.object({ id: z.string(), name: z.string(), role: z.string(), disabled: z.boolean() }),
  `
SELECT p.id, p.name, p.role, p.disabled_at IS NOT NULL AS disabled
  FROM person_identity i JOIN person p ON p.id = i.person_id
 WHERE i.issuer = :issuer AND i.subject = :subject`,
);
const ADD = statement(
  ["issuer", "subject", "personId"],
  z.object({ since: z.date() }),
  `
INSERT INTO person_identity (issuer, subject, person_id) VALUES (:issuer, :subject, :personId::uuid)
ON CONFLICT (issuer, subject) DO NOTHING RETURNING since`,
);
const REMOVE = statement(
  ["personId"],
  z.object({ issuer: z.string() }),
  "DELETE FROM person_identity WHERE person_id = :personId::uuid RETURNING issuer",
);

/** Whose identity it is. Undefined: nobody logs in by it. */
export const personOfIdentity = (sql: Sql, { issuer, subject }: Identity) =>
  sql.row(OWNER, { issuer, subject });

/** False where the identity is somebody's already. */
export const addIdentity = async (tx: Sql, personId: string, { issuer, subject }: Identity) =>
  (await tx.row(ADD, { issuer, subject, personId })) !== undefined;

/** Whose it is to be. */
interface Linked {
  readonly id: string;
  readonly name: string;
}

/** Lets the person log in by it. What is so already is no event. Rejects with `request.conflict` where it is somebody else's. */
export async function linkIdentity(
  tx: Sql,
  { id, name }: Linked,
  identity: Identity,
  reason: string,
  by: Origin,
): Promise<void> {
  if (!(await addIdentity(tx, id, identity))) {
    const owner = await personOfIdentity(tx, identity);
    if (owner?.id === id) return;
    throw new FlashlineError(
      "request.conflict",
      `${owner?.name ?? "Somebody else"} logs in by this identity.`,
      { parameters: { person: owner?.name ?? "" } },
    );
  }
  const { issuer } = identity;
  await recordEvent(tx, { kind: "person.linked", by, subject: { name }, reason, data: { issuer } });
}

/** Takes every identity away; the person's sessions end. How many sessions did. What is so already is no event. */
export async function unlinkIdentities(
  tx: Sql,
  { id, name }: Linked,
  reason: string,
  by: Origin,
): Promise<number> {
  if ((await tx.rows(REMOVE, { personId: id })).length === 0) return 0;
  const sessions = await endSessionsOf(tx, id);
  const data = { sessions };
  await recordEvent(tx, { kind: "person.unlinked", by, subject: { name }, reason, data });
  return sessions;
}
