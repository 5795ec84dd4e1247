import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Account } from "./account.ts";

/** Clusters of data folders that the postgres account cannot reach. */
const STAGE = "/var/lib/flashline";

function traversable(folder: string, account: Account): boolean {
  if (account.ids.uid === undefined) return true;
  const probe = spawnSync("test", ["-x", folder], { ...account.ids, cwd: "/" });
  return probe.status === 0;
}

/**
 * The cluster's folder: `data/postgres`, or a fixed place outside when a folder above is closed to the account; a file
 * `data/postgres.path` says which.
 */
export function clusterFolder(data: string, account: Account): string {
  mkdirSync(data, { recursive: true });
  const pointer = path.join(data, "postgres.path");
  if (existsSync(pointer)) return readFileSync(pointer, "utf8").trim();
  const key = createHash("sha256").update(path.resolve(data)).digest("hex").slice(0, 16);
  const folder = traversable(data, account) ? path.join(data, "postgres") : path.join(STAGE, key);
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  if (account.ids.uid !== undefined && account.ids.gid !== undefined) {
    chownSync(folder, account.ids.uid, account.ids.gid);
  }
  writeFileSync(pointer, `${folder}\n`);
  return folder;
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
