import { access } from "node:fs/promises";
import { join } from "node:path";
import { FlashlineError } from "@flashline/contract";

/** Made by every server at its first start, and by no agent. */
const SERVERS_OWN = join("images", "incoming");

/**
 * A PC may have a server and an agent, which read the same variable: one folder for both would mix their images, and a copy of the
 * server's folder would carry the station's credential.
 * @throws FlashlineError `config.invalid` when `dataDir` is a server's.
 */
export async function refuseServersFolder(dataDir: string): Promise<void> {
  const isServers = await access(join(dataDir, SERVERS_OWN)).then(
    () => true,
    () => false,
  );
  if (!isServers) return;
  throw new FlashlineError(
    "config.invalid",
    `${dataDir} is the data folder of a Flashline server. Give the agent one of its own (FLASHLINE_DATA).`,
  );
}
