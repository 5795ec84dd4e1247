import { spawnSync } from "node:child_process";
import { FlashlineError } from "@flashline/contract";

/** Who runs PostgreSQL, which refuses to run as root. Without ids: this process's own account. */
export interface Account {
  readonly ids: { readonly uid?: number; readonly gid?: number };
}

const NAME = "postgres";

function lookUp(): Account | undefined {
  const id = (flag: string) => {
    const found = spawnSync("id", [flag, NAME], { encoding: "utf8" });
    return found.status === 0 ? Number(found.stdout) : undefined;
  };
  const uid = id("-u");
  const gid = id("-g");
  return uid === undefined || gid === undefined ? undefined : { ids: { uid, gid } };
}

/** This account; for root the system's `postgres` account, made when it is missing. Throws `config.invalid`. */
export function postgresAccount(): Account {
  if (process.getuid?.() !== 0) return { ids: {} };
  const existing = lookUp();
  if (existing !== undefined) return existing;
  spawnSync("useradd", ["--system", "--user-group", "--no-create-home", NAME]);
  const made = lookUp();
  if (made !== undefined) return made;
  throw new FlashlineError(
    "config.invalid",
    'PostgreSQL does not run as root, and there is no account "postgres" and none could be made. Start the server as another account, or set DATABASE_URL.',
  );
}
