import type { StationSetup } from "@flashline/contract";
import type { ServerLink } from "../server/link.ts";
import type { Changed } from "./change.ts";

/** The nests as the server has to know them; it answers with the whole setup. Safe to repeat. */
export async function tellServer(
  link: Pick<ServerLink, "call">,
  { nests, renamed }: Changed,
  signal?: AbortSignal,
): Promise<StationSetup> {
  const told = nests.map(({ name, portPath }) => ({
    name,
    portPath,
    ...(renamed?.name === name ? { was: renamed.was } : {}),
  }));
  const options = signal === undefined ? {} : { signal };
  return (await link.call("setNests", { body: { nests: told } }, options)).body;
}
