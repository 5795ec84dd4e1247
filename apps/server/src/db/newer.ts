import { FlashlineError } from "@flashline/contract";
import { z } from "zod";
import { type Looping, looping } from "../looping.ts";
import { VERSION } from "../version.ts";
import type { Sql } from "./sql.ts";
import { statement } from "./statement.ts";

/** A migration that a database has. */
export const AppliedMigration = z.object({
  name: z.string(),
  /** Null: another tool left it half-way. */
  finishedAt: z.date().nullable(),
  /** The version of Flashline that applied it; null of one that did not say so. */
  by: z.string().nullable(),
});
export type AppliedMigration = z.infer<typeof AppliedMigration>;

const SAID_BY = /^applied by Flashline (.+)$/;

/** What stands in Prisma's column for logs. */
export const appliedBy = `applied by Flashline ${VERSION}`;
/** The version that {@link appliedBy} of it wrote there. */
export const versionIn = (logs: string | null): string | null =>
  SAID_BY.exec(logs ?? "")?.[1] ?? null;

/** How often a server looks whether a newer one has changed the database, milliseconds. */
const LOOK_MS = 2_000;

function nameOf({ name, by, finishedAt }: AppliedMigration): string {
  const who = by === null ? "" : `Flashline ${by}`;
  const when = finishedAt === null ? "" : `on ${finishedAt.toISOString()}`;
  const how = [who, when].filter((part) => part !== "").join(" ");
  return how === "" ? name : `${name} (${how})`;
}

/** Why this version does not work on that database, and the way out; undefined where it has each of these migrations itself. */
export function refusalOfNewer(
  applied: readonly AppliedMigration[],
  known: readonly string[],
): FlashlineError | undefined {
  const newer = applied.filter(({ name }) => !known.includes(name));
  if (newer.length === 0) return undefined;
  const message = [
    `The database is newer than this server, which is Flashline ${VERSION}: it has ${newer.map(nameOf).join(", ")}.`,
    "Start the newer version. To go back to this one, restore the back-up from before the upgrade with it: flashline-server restore.",
  ].join(" ");
  return new FlashlineError("config.invalid", message);
}

const APPLIED = statement(
  [],
  AppliedMigration.extend({ logs: z.string().nullable() }).omit({ by: true }),
  `SELECT migration_name AS name, finished_at AS "finishedAt", logs FROM _prisma_migrations
    WHERE rolled_back_at IS NULL`,
);

/**
 * Looks every two seconds whether a newer server has changed the database that this one works on. `onNewer` hears of it once, with the
 * reason to stop: an older server would do what the newer one has changed in its own old way.
 */
export function watchForNewer(
  sql: Sql,
  known: readonly string[],
  onNewer: (reason: FlashlineError) => void,
  onError: (error: unknown) => void,
): Looping {
  let told = false;
  return looping(
    LOOK_MS,
    async () => {
      if (told) return;
      const rows = await sql.rows(APPLIED, {});
      const applied = rows.map(({ logs, ...row }) => ({ ...row, by: versionIn(logs) }));
      const reason = refusalOfNewer(applied, known);
      if (reason === undefined) return;
      told = true;
      onNewer(reason);
    },
    onError,
  );
}
