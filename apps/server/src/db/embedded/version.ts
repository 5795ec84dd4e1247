import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { FlashlineError } from "@flashline/contract";

/**
 * A PostgreSQL opens no files of another major version, and the embedded one brings no pg_upgrade. Throws `config.invalid` before
 * anything is touched.
 */
export function refuseOtherMajor(folder: string, major: string): void {
  const file = path.join(folder, "data", "PG_VERSION");
  if (!existsSync(file)) return;
  const found = readFileSync(file, "utf8").trim();
  if (found === major) return;
  throw new FlashlineError(
    "config.invalid",
    `The database in ${folder} was made by PostgreSQL ${found}; this version of Flashline brings ${major}, which cannot open it. Nothing was changed. ` +
      "Back up with the version of Flashline that ran here (flashline-server backup --to FOLDER), and restore with this one " +
      "(flashline-server restore --from FOLDER --data NEW_FOLDER).",
  );
}
