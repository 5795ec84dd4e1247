import { readUpdateKeys } from "../updates/keys.ts";
import { AGENT_VERSION } from "../version.ts";
import { type Finding, ok, warn } from "./finding.ts";

/** Whose updates of the agent this PC takes. None is no trouble: versions then come by package. */
export async function examineUpdates(folder: string | undefined): Promise<Finding[]> {
  const { keys, broken } = await readUpdateKeys(folder);
  const none = `Agent ${AGENT_VERSION}. No key for updates is pinned: new versions come by package only.`;
  const ids = keys.map(({ keyId }) => keyId).join(", ");
  return [
    ok("updates", keys.length === 0 ? none : `Agent ${AGENT_VERSION}. Takes updates of ${ids}.`),
    ...broken.map((name) => warn("updates", `${folder}/${name} is no public key: it is left out.`)),
  ];
}
