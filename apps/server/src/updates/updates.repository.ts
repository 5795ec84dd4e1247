import { FlashlineError, UpdateManifest, type UpdateView } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { newId } from "../ids.ts";
import { actorOf, type Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import type { Offered } from "./plan.ts";

const Row = z.object({
  id: z.string(),
  version: z.string(),
  platform: z.string(),
  sha256: z.string(),
  size: z.number(),
  keyId: z.string(),
  builtAt: z.date(),
  downgradeFrom: z.string().nullable(),
  publishedAt: z.date(),
  publishedBy: z.string(),
  withdrawnAt: z.date().nullable(),
  withdrawnBy: z.string().nullable(),
  withdrawReason: z.string().nullable(),
});
const COLUMNS = `u.id, u.version, u.platform, u.sha256, u.size, u.key_id AS "keyId", u.built_at AS "builtAt",
  convert_from(u.manifest, 'UTF8')::jsonb->>'downgradeFrom' AS "downgradeFrom", u.published_at AS "publishedAt", u.published_by AS "publishedBy", u.withdrawn_at AS "withdrawnAt", u.withdrawn_by AS "withdrawnBy", u.withdraw_reason AS "withdrawReason"`;

const viewOf = (row: z.infer<typeof Row>): UpdateView => ({
  ...row,
  builtAt: row.builtAt.toISOString(),
  publishedAt: row.publishedAt.toISOString(),
  withdrawnAt: row.withdrawnAt?.toISOString() ?? null,
});

const ARCHIVE = statement(
  ["sha256"],
  z.object({ size: z.number() }),
  "SELECT size FROM image WHERE sha256 = :sha256",
);
const ADD = statement(
  [
    ...["id", "version", "platform", "manifest", "signature", "keyId"],
    ...["sha256", "size", "builtAt", "publishedBy"],
  ] as const,
  Row,
  `
INSERT INTO agent_update AS u (id, version, platform, manifest, signature, key_id, sha256, size, built_at, published_by)
VALUES (:id::uuid, :version, :platform, :manifest::bytea, :signature, :keyId, :sha256, :size::int, :builtAt::timestamptz, :publishedBy)
ON CONFLICT (version, platform) WHERE withdrawn_at IS NULL DO NOTHING
RETURNING ${COLUMNS}`,
);
const OF_VERSION = statement(
  ["version"],
  Row.extend({ manifest: z.instanceof(Uint8Array) }),
  `SELECT ${COLUMNS}, u.manifest FROM agent_update u WHERE u.version = :version AND u.withdrawn_at IS NULL ORDER BY u.platform`,
);
const LIST = statement(
  ["after", "limit"],
  Row,
  `
SELECT ${COLUMNS} FROM agent_update u
 WHERE :after::uuid IS NULL OR (u.published_at, u.id) < (SELECT published_at, id FROM agent_update WHERE id = :after::uuid)
 ORDER BY u.published_at DESC, u.id DESC LIMIT :limit::int`,
);
/** The versions that are offered: nobody keeps more of them at hand. */
const NEWEST = statement(
  [],
  z.object({ version: z.string(), platform: z.string() }),
  `SELECT version, platform FROM agent_update WHERE withdrawn_at IS NULL ORDER BY published_at DESC LIMIT 200`,
);
const BUNDLE = statement(
  ["sha256"],
  z.object({ id: z.string() }),
  "SELECT id FROM agent_update WHERE sha256 = :sha256 AND withdrawn_at IS NULL LIMIT 1",
);
const WITHDRAW = statement(
  ["id", "by", "reason"],
  Row,
  `
UPDATE agent_update u SET withdrawn_at = now(), withdrawn_by = :by, withdraw_reason = :reason
 WHERE u.id = :id::uuid AND u.withdrawn_at IS NULL RETURNING ${COLUMNS}`,
);
const ONE = statement(["id"], Row, `SELECT ${COLUMNS} FROM agent_update u WHERE u.id = :id::uuid`);
/** Stations that have not switched to it. */
const END_PLACES = statement(
  ["id"],
  z.object({ stationId: z.string() }),
  `
UPDATE station_update SET state = 'ended', at = now() WHERE update_id = :id::uuid AND state IN ('planned', 'told')
RETURNING station_id AS "stationId"`,
);

export interface NewUpdate {
  readonly manifest: UpdateManifest;
  readonly bytes: Uint8Array;
  readonly signature: string;
  readonly keyId: string;
}

export type UpdatesRepository = ReturnType<typeof updatesRepository>;

/** What was published. */
export function updatesRepository({ sql, transaction }: Database) {
  async function ofVersion(on: Sql, version: string) {
    return await on.rows(OF_VERSION, { version });
  }
  return {
    /** The one that is there, whether it is new; undefined where another one has its version and platform. */
    add({ manifest, bytes, signature, keyId }: NewUpdate, by: Origin) {
      return transaction(
        async (tx): Promise<{ update: UpdateView; isNew: boolean } | undefined> => {
          const { version, platform, archive, builtAt, downgradeFrom = null } = manifest;
          const { sha256, size } = archive;
          const stored = await tx.row(ARCHIVE, { sha256 });
          if (stored === undefined || stored.size !== size) {
            throw new FlashlineError(
              "release.image_missing",
              `The archive ${sha256} was not uploaded.`,
              { parameters: { sha256 } },
            );
          }
          const publishedBy = actorOf(by);
          const signed = { manifest: Buffer.from(bytes), signature, keyId, builtAt };
          const added = await tx.row(ADD, {
            id: newId(),
            version,
            platform,
            sha256,
            size,
            publishedBy,
            ...signed,
          });
          if (added === undefined) {
            const known = (await ofVersion(tx, version)).find((of) => of.platform === platform);
            if (known === undefined || !Buffer.from(known.manifest).equals(bytes)) return undefined;
            const { manifest: _, ...row } = known;
            return { update: viewOf(row), isNew: false };
          }
          await recordEvent(tx, {
            kind: "update.published",
            by,
            subject: { id: added.id, name: `${version} ${platform}` },
            data: { version, platform, sha256, keyId, downgradeFrom },
          });
          return { update: viewOf(added), isNew: true };
        },
      );
    },
    async list(limit: number, after: string | null): Promise<UpdateView[]> {
      return (await sql.rows(LIST, { limit, after })).map(viewOf);
    },
    one: async (id: string): Promise<UpdateView | undefined> => {
      const row = await sql.row(ONE, { id });
      return row === undefined ? undefined : viewOf(row);
    },
    /** Those of a version that are not withdrawn, one for each kind of PC. */
    async offered(version: string): Promise<readonly Offered[]> {
      return (await ofVersion(sql, version)).map(({ id, keyId, manifest }) => ({
        id,
        keyId,
        manifest: UpdateManifest.parse(JSON.parse(Buffer.from(manifest).toString("utf8"))),
      }));
    },
    newest: () => sql.rows(NEWEST, {}),
    isOffered: async (sha256: string): Promise<boolean> =>
      (await sql.row(BUNDLE, { sha256 })) !== undefined,
    /** The update and the stations that would have got it; undefined: it was withdrawn before, or was never published. */
    withdraw(id: string, reason: string, by: Origin) {
      return transaction(async (tx) => {
        const row = await tx.row(WITHDRAW, { id, by: actorOf(by), reason });
        if (row === undefined) return undefined;
        const stations = await tx.rows(END_PLACES, { id });
        await recordEvent(tx, {
          kind: "update.withdrawn",
          by,
          subject: { id, name: `${row.version} ${row.platform}` },
          reason,
          data: { version: row.version },
        });
        return { update: viewOf(row), stationIds: stations.map(({ stationId }) => stationId) };
      });
    },
  };
}
