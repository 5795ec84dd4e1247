import { type OpenSession, type PersonDetail, type PersonView, Role } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";

const Row = z.object({
  id: z.string(),
  name: z.string(),
  role: z.string(),
  plant: z.string().nullable(),
  hasPassword: z.boolean(),
  hasIdentity: z.boolean(),
  hasBadge: z.boolean(),
  disabledAt: z.date().nullable(),
  createdAt: z.date(),
  sessions: z.number(),
  tokens: z.number(),
});

const SELECT = `
SELECT p.id, p.name, p.role, pl.name AS plant,
       p.password_hash IS NOT NULL AND p.role <> '${Role.Operator}' AS "hasPassword",
       EXISTS (SELECT FROM person_identity i WHERE i.person_id = p.id) AS "hasIdentity",
       EXISTS (SELECT FROM badge b WHERE b.person_id = p.id AND b.ended_at IS NULL) AS "hasBadge",
       p.disabled_at AS "disabledAt", p.created_at AS "createdAt",
       (SELECT count(*)::int FROM session s WHERE s.person_id = p.id AND s.expires_at > now()) AS sessions,
       (SELECT count(*)::int FROM api_token t
         WHERE t.person_id = p.id AND t.revoked_at IS NULL AND coalesce(t.expires_at > now(), true)) AS tokens
  FROM person p LEFT JOIN plant pl ON pl.id = p.plant_id`;

const LIST = statement(
  ["state", "role", "plant", "search", "after", "limit"],
  Row,
  `${SELECT}
 WHERE (:state = 'all' OR (p.disabled_at IS NULL) = (:state = 'active'))
   AND (:role::text IS NULL OR p.role = :role)
   AND (:plant::text IS NULL OR p.plant_id IS NULL OR pl.name = :plant)
   AND (:search::text IS NULL OR strpos(lower(p.name), lower(:search)) > 0)
   AND (:after::text IS NULL OR p.name > :after)
 ORDER BY p.name LIMIT :limit`,
);
const ONE = statement(["id"], Row, `${SELECT} WHERE p.id = :id::uuid`);

const FORMER = statement(
  ["personId"],
  z.object({ name: z.string() }),
  `SELECT name FROM former_name WHERE person_id = :personId::uuid ORDER BY until DESC, name`,
);

const IDENTITIES = statement(
  ["personId"],
  z.object({ issuer: z.string(), subject: z.string(), since: z.date() }),
  `SELECT issuer, subject, since FROM person_identity WHERE person_id = :personId::uuid ORDER BY since, subject`,
);

const SessionRow = z.object({
  id: z.string(),
  person: z.string(),
  role: z.string(),
  address: z.string().nullable(),
  since: z.date(),
  lastUsedAt: z.date(),
  endsAt: z.date(),
});
const SESSIONS = statement(
  ["person", "personId", "after", "limit"],
  SessionRow,
  `
SELECT s.id, p.name AS person, p.role, s.address, s.created_at AS since, s.last_used_at AS "lastUsedAt", s.expires_at AS "endsAt"
  FROM session s JOIN person p ON p.id = s.person_id
 WHERE s.expires_at > now() AND (:person::text IS NULL OR p.name = :person)
   AND (:personId::uuid IS NULL OR p.id = :personId::uuid) AND (:after::uuid IS NULL OR s.id < :after::uuid)
 ORDER BY s.id DESC LIMIT :limit`,
);

/** A person whose row is locked. */
export const Locked = z.object({
  id: z.string(),
  name: z.string(),
  role: z.string(),
  plantId: z.string().nullable(),
  plant: z.string().nullable(),
  passwordHash: z.string().nullable(),
  disabled: z.boolean(),
});
export type Locked = Readonly<z.infer<typeof Locked>>;

const LOCK = statement(
  ["idOrName"],
  Locked,
  `
SELECT p.id, p.name, p.role, p.plant_id AS "plantId", (SELECT pl.name FROM plant pl WHERE pl.id = p.plant_id) AS plant,
       p.password_hash AS "passwordHash", p.disabled_at IS NOT NULL AS disabled
  FROM person p WHERE p.id::text = lower(:idOrName) OR p.name = :idOrName
 ORDER BY p.id::text = lower(:idOrName) DESC LIMIT 1 FOR NO KEY UPDATE`,
);

/** The person, locked until the end of the transaction. Undefined: nobody has this id or name. */
export const lockPerson = (tx: Sql, idOrName: string): Promise<Locked | undefined> =>
  tx.row(LOCK, { idOrName });

const FIND = statement(
  ["idOrName"],
  z.object({ id: z.string() }),
  `
SELECT p.id FROM person p WHERE p.id::text = lower(:idOrName) OR p.name = :idOrName
 ORDER BY p.id::text = lower(:idOrName) DESC LIMIT 1`,
);

function viewOf(row: z.infer<typeof Row>): PersonView {
  const { hasPassword, hasIdentity, hasBadge, disabledAt, createdAt, ...same } = row;
  const ways = [hasPassword && "password", hasIdentity && "provider", hasBadge && "badge"];
  return {
    ...same,
    ways: ways.filter((way) => way !== false),
    disabledAt: disabledAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  };
}

export interface PeopleFilter {
  readonly state: "active" | "disabled" | "all";
  readonly role?: string | undefined;
  readonly plant?: string | undefined;
  readonly search?: string | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}
export interface SessionFilter {
  /** Name. */
  readonly person?: string | undefined;
  readonly personId?: string;
  readonly after?: string | undefined;
  readonly limit: number;
}

export type PeopleRepository = ReturnType<typeof peopleRepository>;

/** Who there is, and who is logged in. */
export function peopleRepository({ sql }: Pick<Database, "sql">) {
  return {
    async list(filter: PeopleFilter): Promise<PersonView[]> {
      const { state, role = null, plant = null, search = null, after = null, limit } = filter;
      return (await sql.rows(LIST, { state, role, plant, search, after, limit })).map(viewOf);
    },
    async idOf(idOrName: string): Promise<string | undefined> {
      return (await sql.row(FIND, { idOrName }))?.id;
    },
    async person(
      id: string,
    ): Promise<Omit<PersonDetail, "openSessions" | "validTokens"> | undefined> {
      const row = await sql.row(ONE, { id });
      if (row === undefined) return undefined;
      const former = await sql.rows(FORMER, { personId: id });
      const identities = await sql.rows(IDENTITIES, { personId: id });
      return {
        ...viewOf(row),
        formerNames: former.map(({ name }) => name),
        identities: identities.map(({ since, ...same }) => ({
          ...same,
          since: since.toISOString(),
        })),
      };
    },
    /** `current`: id of the session that asks. */
    async sessions(filter: SessionFilter, current?: string): Promise<OpenSession[]> {
      const { person = null, personId = null, after = null, limit } = filter;
      const rows = await sql.rows(SESSIONS, { person, personId, after, limit });
      return rows.map(({ since, lastUsedAt, endsAt, ...same }) => ({
        ...same,
        since: since.toISOString(),
        lastUsedAt: lastUsedAt.toISOString(),
        endsAt: endsAt.toISOString(),
        current: same.id === current,
      }));
    },
  };
}
