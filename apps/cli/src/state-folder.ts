import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { Refusal } from "./refusal.ts";

/**
 * Where this program keeps what must outlive it: the user's state folder (XDG Base Directory Specification: a relative
 * XDG_STATE_HOME does not count). Throws a Refusal where the user has no home. FLASHLINE_DATA is another program's: in a
 * shell that is set up for the agent, the desk's notes must not go into the station's folder.
 */
export function stateFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { XDG_STATE_HOME: named } = environment;
  if (named && isAbsolute(named)) return join(named, "flashline");
  const home = homedir();
  if (!isAbsolute(home)) throw new Refusal("usage.argument", "This user has no home folder.");
  return join(home, ".local", "state", "flashline");
}
