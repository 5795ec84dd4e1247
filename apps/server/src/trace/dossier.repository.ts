import { FlashlineError, type UnitDossier } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { statement } from "../db/statement.ts";

/** Of attempts and events, so many are in a dossier. */
export const MOST_IN_DOSSIER = 1_000;

const Release = z.object({
  version: z.string(),
  counter: z.number(),
  chip: z.string(),
  manifestSha256: z.string(),
  keyId: z.string(),
  images: z.array(z.object({ name: z.string(), sha256: z.string(), size: z.number() })),
  releasedAt: z.date().nullable(),
  revokedAt: z.date().nullable(),
  revokedReason: z.string().nullable(),
});
const RELEASES = statement(
  ["unitId"],
  Release,
  `
SELECT r.version, r.counter, r.chip, r.manifest_sha256 AS "manifestSha256", r.key_id AS "keyId",
       r.released_at AS "releasedAt", r.revoked_at AS "revokedAt", r.revoked_reason AS "revokedReason",
       (SELECT coalesce(json_agg(json_build_object('name', i.name, 'sha256', i.image_sha256, 'size', m.size) ORDER BY i.position), '[]')
          FROM release_image i JOIN image m ON m.sha256 = i.image_sha256 WHERE i.release_id = r.id) AS images
  FROM release r WHERE r.id IN (SELECT release_id FROM attempt WHERE unit_id = :unitId::uuid)
 ORDER BY r.counter DESC, r.id DESC`,
);

const Event = z.object({
  position: z.coerce.number(),
  hash: z.instanceof(Buffer),
  at: z.date(),
  kind: z.string(),
  who: z.string(),
  reason: z.string().nullable(),
  subjectId: z.string().nullable(),
});
/** Each part by the index of its own subjects. */
const EVENTS = statement(
  ["unitId"],
  Event,
  `
WITH subjects AS (
  SELECT 'unit' AS kind, :unitId::text AS id
  UNION ALL SELECT 'attempt', id::text FROM attempt WHERE unit_id = :unitId::uuid
  UNION ALL SELECT 'job', id::text FROM job WHERE unit_id = :unitId::uuid)
SELECT e.position, e.hash, e.at, e.kind, e.reason, e.subject_id AS "subjectId",
       coalesce(e.who_name, n.name, e.who_kind) AS who
  FROM subjects s JOIN ledger e ON e.subject_kind = s.kind AND e.subject_id = s.id
  LEFT JOIN ledger_name n ON e.who_kind = 'person' AND n.id = e.who_id
 ORDER BY e.position DESC LIMIT ${MOST_IN_DOSSIER}`,
);

const SERVER = statement(
  [],
  z.object({ server: z.string(), asOf: z.date() }),
  `SELECT id AS server, now() AS "asOf" FROM server_identity`,
);
const ATTEMPTS = statement(
  ["unitId"],
  z.object({ n: z.number() }),
  "SELECT count(*)::int AS n FROM attempt WHERE unit_id = :unitId::uuid",
);

export type DossierParts = Pick<
  UnitDossier,
  "asOf" | "server" | "attemptsInAll" | "releases" | "events"
>;

/** What is in a unit's dossier and on no page. */
export async function dossierParts({ sql }: Database, unitId: string): Promise<DossierParts> {
  const [about, attempts, releases, events] = await Promise.all([
    sql.row(SERVER, {}),
    sql.row(ATTEMPTS, { unitId }),
    sql.rows(RELEASES, { unitId }),
    sql.rows(EVENTS, { unitId }),
  ]);
  if (about === undefined) throw new FlashlineError("internal.bug", "The server has no identity.");
  return {
    server: about.server,
    asOf: about.asOf.toISOString(),
    attemptsInAll: attempts?.n ?? 0,
    releases: releases.map(({ releasedAt, revokedAt, ...same }) => ({
      ...same,
      releasedAt: releasedAt?.toISOString() ?? null,
      revokedAt: revokedAt?.toISOString() ?? null,
    })),
    events: events.map(({ at, hash, ...same }) => ({
      ...same,
      at: at.toISOString(),
      hash: hash.toString("hex"),
    })),
  };
}
