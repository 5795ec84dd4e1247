import { type BadgeEnd, BadgeKeyView, BadgeView, FlashlineError } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { isUniqueViolation } from "../db/errors.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { newId } from "../ids.ts";
import { actorOf, type Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { personNotFound } from "../people/changes.ts";
import { type Locked, lockPerson } from "../people/repository.ts";

const Row = z.object({
  ...BadgeView.omit({ readable: true }).shape,
  keyId: z.string(),
  digest: z.string(),
  personId: z.string(),
  givenAt: z.date(),
  lastUsedAt: z.date().nullable(),
  endedAt: z.date().nullable(),
});
export type BadgeRow = z.infer<typeof Row>;

const SELECT = `
SELECT b.id, b.person_id AS "personId", p.name AS person, p.role, pl.name AS plant, b.generation, b.key_id AS "keyId", b.digest,
       b.given_by AS "givenBy", b.given_at AS "givenAt", b.last_used_at AS "lastUsedAt", b.ended_as AS "endedAs", b.ended_by AS "endedBy",
       b.ended_at AS "endedAt", b.end_reason AS "endReason"
  FROM badge b JOIN person p ON p.id = b.person_id LEFT JOIN plant pl ON pl.id = p.plant_id`;

const LIST = statement(
  ["state", "person", "after", "limit"],
  Row,
  `${SELECT}
 WHERE (:state = 'all' OR (b.ended_at IS NULL) = (:state = 'on'))
   AND (:person::text IS NULL OR p.name = :person) AND (:after::uuid IS NULL OR b.id < :after::uuid)
 ORDER BY b.id DESC LIMIT :limit`,
);
const ONE = statement(["id"], Row, `${SELECT} WHERE b.id = :id::uuid`);
const ON_OF = statement(
  ["personId"],
  Row,
  `${SELECT} WHERE b.person_id = :personId::uuid AND b.ended_at IS NULL FOR NO KEY UPDATE OF b`,
);
/** By any of its possible digests: the one that counts, else the one that ended last. */
const KNOWN = statement(
  ["keyIds", "digests"],
  Row.extend({ disabled: z.boolean(), plantId: z.string().nullable() }),
  `${SELECT.replace("SELECT b.id,", 'SELECT p.disabled_at IS NOT NULL AS disabled, p.plant_id AS "plantId", b.id,')}
 WHERE (b.key_id, b.digest) IN (SELECT * FROM unnest(:keyIds::text[], :digests::text[]))
 ORDER BY b.ended_at IS NULL DESC, b.ended_at DESC LIMIT 1`,
);
export type KnownBadge = BadgeRow & { readonly disabled: boolean; readonly plantId: string | null };

/** No row where the key was retired meanwhile. */
const ADD = statement(
  ["id", "personId", "generation", "keyId", "digest", "givenBy"],
  z.object({ id: z.string() }),
  `
INSERT INTO badge (id, person_id, generation, key_id, digest, given_by)
SELECT :id::uuid, :personId::uuid, k.generation, :keyId, :digest, :givenBy
  FROM badge_key k WHERE k.generation = :generation AND k.retired_at IS NULL
RETURNING id`,
);
const END = statement(
  ["id", "as", "by", "reason"],
  z.object({ id: z.string() }),
  `
UPDATE badge SET ended_as = :as, ended_by = :by, ended_at = now(), end_reason = :reason
 WHERE id = :id::uuid AND ended_at IS NULL RETURNING id`,
);
/** Notes that it was shown, to within a minute, and knows it by the newest key from now on. */
const USED = statement(
  ["id", "generation", "keyId", "digest"],
  z.object({}),
  `
UPDATE badge SET last_used_at = now(), generation = :generation, key_id = :keyId, digest = :digest
 WHERE id = :id::uuid AND ended_at IS NULL
   AND (key_id <> :keyId OR coalesce(last_used_at < now() - interval '1 minute', true))`,
);

const FOR_STATION = statement(
  ["plantId", "keyIds"],
  z.object({
    keyId: z.string(),
    digest: z.string(),
    id: z.string(),
    name: z.string(),
    role: z.string(),
    lost: z.boolean(),
  }),
  `
SELECT b.key_id AS "keyId", b.digest, p.id, p.name, p.role, b.ended_at IS NOT NULL AS lost
  FROM badge b JOIN person p ON p.id = b.person_id
 WHERE b.key_id = ANY(:keyIds::text[])
   AND (b.ended_at IS NULL AND p.disabled_at IS NULL AND coalesce(p.plant_id = :plantId::uuid, true)
     OR b.ended_as = 'lost' AND NOT EXISTS (SELECT FROM badge n WHERE n.key_id = b.key_id AND n.digest = b.digest AND coalesce(n.ended_at > b.ended_at, true)))
 ORDER BY b.key_id, b.digest, b.id`,
);

const KeyRow = z.object({
  ...BadgeKeyView.shape,
  madeAt: z.date(),
  retiredAt: z.date().nullable(),
});
const KEYS = statement(
  [],
  KeyRow,
  `
SELECT k.generation, k.reason, k.made_by AS "madeBy", k.made_at AS "madeAt", k.retired_at AS "retiredAt",
       (SELECT count(*)::int FROM badge b WHERE b.generation = k.generation AND b.ended_at IS NULL) AS badges
  FROM badge_key k ORDER BY k.generation DESC`,
);
const GENERATIONS = statement(
  [],
  z.object({ generation: z.number() }),
  "SELECT generation FROM badge_key WHERE retired_at IS NULL ORDER BY generation DESC",
);
/** One at a time: keys are few and change once in years. */
const LOCK_KEYS = "LOCK TABLE badge_key IN SHARE ROW EXCLUSIVE MODE";
/** The first key is there from the first badge on. */
const FIRST_KEY = statement(
  [],
  z.object({}),
  "INSERT INTO badge_key (generation) SELECT 1 WHERE NOT EXISTS (SELECT FROM badge_key) ON CONFLICT DO NOTHING",
);
const ADD_KEY = statement(
  ["generation", "reason", "madeBy"],
  z.object({}),
  "INSERT INTO badge_key (generation, reason, made_by) VALUES (:generation, :reason, :madeBy)",
);
const RETIRE_KEY = statement(
  ["generation"],
  z.object({}),
  "UPDATE badge_key SET retired_at = now() WHERE generation = :generation AND retired_at IS NULL",
);
const ON_BY_KEY = statement(
  ["generation"],
  Row,
  `${SELECT} WHERE b.generation = :generation AND b.ended_at IS NULL ORDER BY b.id FOR NO KEY UPDATE OF b`,
);

/** A digest of a content, with one of the keys. */
export interface Candidate {
  readonly generation: number;
  readonly keyId: string;
  readonly digest: string;
}

const keyIdsOf = (candidates: readonly Candidate[]) => ({
  keyIds: candidates.map(({ keyId }) => keyId),
  digests: candidates.map(({ digest }) => digest),
});

async function endOne(
  tx: Sql,
  badge: { readonly id: string; readonly person: string },
  as: BadgeEnd,
  reason: string,
  by: Origin,
): Promise<boolean> {
  const ended = await tx.row(END, { id: badge.id, as, by: actorOf(by), reason });
  if (ended === undefined) return false;
  await recordEvent(tx, {
    kind: "badge.ended",
    by,
    subject: { name: badge.person },
    reason,
    data: { badge: badge.id, as },
  });
  return true;
}

const taken = (person: string) =>
  new FlashlineError("badge.taken", `${person} has this badge.`, { parameters: { person } });

const keysChanged = () =>
  new FlashlineError(
    "request.conflict",
    "The keys of badges changed in this moment: give the badge again.",
  );

export interface NewBadge {
  /** Id or name. */
  readonly person: string;
  /** Throws where the person, locked, may not have it. */
  readonly mayHave: (person: Locked) => void;
  /** With every key, the newest first. */
  readonly candidates: readonly Candidate[];
  readonly reason: string;
}

export type BadgesRepository = ReturnType<typeof badgesRepository>;

export function badgesRepository({ sql, transaction }: Pick<Database, "sql" | "transaction">) {
  return {
    list(filter: {
      readonly state: "on" | "ended" | "all";
      readonly person?: string | undefined;
      readonly after?: string | undefined;
      readonly limit: number;
    }): Promise<readonly BadgeRow[]> {
      const { state, person = null, after = null, limit } = filter;
      return sql.rows(LIST, { state, person, after, limit });
    },
    badge: (id: string): Promise<BadgeRow | undefined> => sql.row(ONE, { id }),
    known: (candidates: readonly Candidate[]): Promise<KnownBadge | undefined> =>
      sql.row(KNOWN, keyIdsOf(candidates)),
    forStation: (plantId: string, keyIds: readonly string[]) =>
      sql.rows(FOR_STATION, { plantId, keyIds: [...keyIds] }),
    async used(id: string, { generation, keyId, digest }: Candidate): Promise<void> {
      await sql.row(USED, { id, generation, keyId, digest });
    },
    /** The newest first; those that were retired are not among them. Empty before the first badge. */
    async generations(): Promise<readonly number[]> {
      return (await sql.rows(GENERATIONS, {})).map(({ generation }) => generation);
    },
    async keys(): Promise<BadgeKeyView[]> {
      return (await sql.rows(KEYS, {})).map(({ madeAt, retiredAt, ...same }) => ({
        ...same,
        madeAt: madeAt.toISOString(),
        retiredAt: retiredAt?.toISOString() ?? null,
      }));
    },
    /** Not new where the person has it already. Rejects with `request.not_found` and `badge.taken`. */
    async give({ person: idOrName, mayHave, candidates, reason }: NewBadge, by: Origin) {
      const [newest] = candidates;
      if (newest === undefined) throw new FlashlineError("internal.bug");
      try {
        return await transaction(async (tx) => {
          // Holds off who retires a key.
          await tx.row(FIRST_KEY, {});
          const person = await lockPerson(tx, idOrName);
          if (person === undefined) throw personNotFound(idOrName);
          mayHave(person);
          const known = await tx.row(KNOWN, keyIdsOf(candidates));
          if (known !== undefined && known.endedAt === null) {
            if (known.personId !== person.id) throw taken(known.person);
            return { isNew: false, id: known.id };
          }
          const before = await tx.row(ON_OF, { personId: person.id });
          if (before !== undefined) await endOne(tx, before, "replaced", reason, by);
          const id = newId();
          const { generation, keyId, digest } = newest;
          const givenBy = actorOf(by);
          const added = { id, personId: person.id, generation, keyId, digest, givenBy };
          if ((await tx.row(ADD, added)) === undefined) throw keysChanged();
          const subject = { name: person.name };
          const data = { badge: id };
          await recordEvent(tx, { kind: "badge.given", by, subject, reason, data });
          return { isNew: true, id };
        });
      } catch (error) {
        // It was given to somebody else in the same moment.
        if (isUniqueViolation(error)) throw taken("Somebody");
        throw error;
      }
    },
    /** False where it had ended before. */
    end: (badge: BadgeRow, as: BadgeEnd, reason: string, by: Origin): Promise<boolean> =>
      transaction((tx) => endOne(tx, badge, as, reason, by)),
    /** False where it was done before. Rejects with `request.conflict` where `from` is not the newest. */
    rotate(from: number, reason: string, by: Origin): Promise<boolean> {
      return transaction(async (tx) => {
        await tx.execute(LOCK_KEYS);
        await tx.row(FIRST_KEY, {});
        const [newest] = await tx.rows(KEYS, {});
        if (newest?.generation === from + 1) return false;
        if (newest === undefined || newest.generation !== from) {
          throw new FlashlineError(
            "request.conflict",
            `The newest key is of generation ${newest?.generation ?? 0}, not ${from}.`,
            { parameters: { newest: newest?.generation ?? 0 } },
          );
        }
        const generation = from + 1;
        await tx.row(ADD_KEY, { generation, reason, madeBy: actorOf(by) });
        const subject = { id: String(generation), name: `badges ${generation}` };
        await recordEvent(tx, {
          kind: "badge-key.rotated",
          by,
          subject,
          reason,
          data: { generation },
        });
        return true;
      });
    },
    /** Rejects with `request.not_found`, and with `request.conflict` for the newest one. */
    retire(generation: number, reason: string, by: Origin): Promise<void> {
      return transaction(async (tx) => {
        await tx.execute(LOCK_KEYS);
        const keys = await tx.rows(KEYS, {});
        const key = keys.find((one) => one.generation === generation);
        if (key === undefined) {
          throw new FlashlineError(
            "request.not_found",
            `There is no key ${generation} of badges.`,
            {
              parameters: { generation },
            },
          );
        }
        if (key.retiredAt !== null) return;
        if (key === keys[0]) {
          throw new FlashlineError(
            "request.conflict",
            "Badges are given with this key: make a new one first.",
          );
        }
        const badges = await tx.rows(ON_BY_KEY, { generation });
        for (const badge of badges) await endOne(tx, badge, "key-retired", reason, by);
        await tx.row(RETIRE_KEY, { generation });
        await recordEvent(tx, {
          kind: "badge-key.retired",
          by,
          subject: { id: String(generation), name: `badges ${generation}` },
          reason,
          data: { generation, badges: badges.length },
        });
      });
    },
  };
}
