import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { FlashlineError } from "@flashline/contract";
import type { Account } from "./account.ts";

/** Clusters of data folders that the postgres account cannot reach. */
const STAGE = "/var/lib/flashline";

/** In a data folder: where its cluster is. Relative, so that a folder that was copied or restored opens its own. */
const POINTER = "postgres.path";
/** In a cluster's folder outside: the data folder that it belongs to. */
const OWNER = "data-folder";
const INSIDE = "postgres";

function traversable(folder: string, account: Account): boolean {
  if (account.ids.uid === undefined) return true;
  const probe = spawnSync("test", ["-x", folder], { ...account.ids, cwd: "/" });
  return probe.status === 0;
}

/** What a data folder's pointer names, as an absolute path; undefined where there is none. */
function pointedAt(data: string): string | undefined {
  const pointer = path.join(data, POINTER);
  if (!existsSync(pointer)) return undefined;
  return path.resolve(data, readFileSync(pointer, "utf8").trim());
}

const holdsCluster = (folder: string): boolean => existsSync(path.join(folder, "initialised"));

function point(data: string, folder: string): string {
  const inside = folder === path.join(data, INSIDE);
  writeFileSync(path.join(data, POINTER), `${inside ? INSIDE : folder}\n`);
  if (!inside) writeFileSync(path.join(folder, OWNER), `${realpathSync(data)}\n`);
  return folder;
}

/**
 * Another data folder that the cluster in `folder` belongs to. Of clusters that an earlier version made outside nobody knows
 * whose they are.
 */
function otherOwner(folder: string, data: string): string | undefined {
  const file = path.join(folder, OWNER);
  const owner = existsSync(file) ? readFileSync(file, "utf8").trim() : path.dirname(folder);
  if (owner === realpathSync(data)) return undefined;
  return pointedAt(owner) === folder ? owner : undefined;
}

/** The cluster's folder of a data folder that has one; undefined of any other. Throws `config.invalid` for a copy without it. */
export function existingCluster(data: string): string | undefined {
  const inside = path.join(data, INSIDE);
  // Also where the pointer of an earlier version, which was absolute, names the folder that this one was copied from.
  if (holdsCluster(inside)) return inside;
  const folder = pointedAt(data);
  if (folder === undefined || folder === inside) return undefined;
  const owner = otherOwner(folder, data);
  if (owner === undefined) return folder;
  throw new FlashlineError(
    "config.invalid",
    `${data} is a copy of ${owner} without its database, which is in ${folder} and belongs to ${owner}. Nothing was changed. Restore a back-up: flashline-server restore.`,
  );
}

/**
 * The cluster's folder: `data/postgres`, or a fixed place outside when a folder above is closed to the account; a file
 * `data/postgres.path` says which. Throws `config.invalid` for a copy of a data folder whose cluster is outside and was not copied.
 */
export function clusterFolder(data: string, account: Account): string {
  mkdirSync(data, { recursive: true });
  const existing = existingCluster(data);
  if (existing !== undefined) return point(data, existing);
  const inside = path.join(data, INSIDE);
  const folder = traversable(data, account) ? inside : placeOutside(data);
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  if (account.ids.uid !== undefined && account.ids.gid !== undefined) {
    chownSync(folder, account.ids.uid, account.ids.gid);
  }
  return point(data, folder);
}

/** A place of its own, whatever was at this path before. The first of several that start at once chooses for all. */
function placeOutside(data: string): string {
  const chosen = path.join(STAGE, randomBytes(8).toString("hex"));
  const fresh = path.join(data, `.${path.basename(chosen)}.new`);
  writeFileSync(fresh, `${chosen}\n`);
  try {
    linkSync(fresh, path.join(data, POINTER));
    return chosen;
  } catch (error) {
    const taken = pointedAt(data);
    if (taken === undefined) throw error;
    return taken;
  } finally {
    rmSync(fresh, { force: true });
  }
}

/** PostgreSQL wants its files to be its account's alone. Those of a folder that was copied are whose copied it. */
export function ownFiles(folder: string, { ids: { uid, gid } }: Account): void {
  const database = path.join(folder, "data");
  if (!existsSync(database)) return;
  const found = statSync(database);
  if (uid !== undefined && gid !== undefined && found.uid !== uid) {
    spawnSync("chown", ["-R", `${uid}:${gid}`, folder]);
  }
  if ((found.mode & 0o077) !== 0) chmodSync(database, 0o700);
}

/** The cluster's password, made at first use. */
export function clusterPassword(data: string): string {
  const folder = path.join(data, "secrets");
  const file = path.join(folder, "postgres-password");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString("hex"), { mode: 0o600 });
  return readFileSync(file, "utf8").trim();
}
