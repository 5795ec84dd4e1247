import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Role } from "@flashline/contract";
import { type Rig, startProcess } from "./rig.ts";

const SERVER = fileURLToPath(
  new URL("../../../apps/server/bin/flashline-server.js", import.meta.url),
);

export interface Login {
  readonly name: string;
  readonly password: string;
}

/** Adds a person to a server by the server's own command; `database` where it is not its own. */
export async function addUser(
  rig: Pick<Rig, "folder" | "url"> & { readonly database?: string },
  name: string,
  role: Role,
): Promise<Login> {
  const password = randomBytes(12).toString("base64url");
  const args = ["user", "add", name, "--role", role, "--password-stdin"];
  const process_ = startProcess(SERVER, args, {
    FLASHLINE_DATA: join(rig.folder, "server"),
    FLASHLINE_PORT: new URL(rig.url).port,
    FLASHLINE_LOG_LEVEL: "warn",
    ...(rig.database === undefined ? {} : { DATABASE_URL: rig.database }),
  });
  process_.child.stdin?.end(`${password}\n`);
  const [code]: (number | null)[] = await once(process_.child, "close");
  if (code !== 0) throw new RangeError(`user add: ${code}\n${process_.output()}`);
  return { name, password };
}
