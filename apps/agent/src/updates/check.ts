import {
  compareVersions,
  FlashlineError,
  mayFollow,
  runsOnNode,
  UpdateManifest,
  type WantedUpdate,
} from "@flashline/contract";
import type { PublicKey } from "@flashline/signing";
import { signedBy } from "../jobs/signed-by.ts";
import { JOURNAL_FORMAT } from "../journal/line.ts";
import type { Launched } from "./launched.ts";
import type { Newest } from "./newest.ts";

export interface CheckOptions {
  readonly keys: readonly PublicKey[];
  readonly launched: Launched;
  /** What runs here. */
  readonly version: string;
  readonly newest: Newest;
  readonly platform: string;
  readonly node: string;
}

/** An update that this PC has checked itself. */
export interface CheckedUpdate {
  readonly manifest: UpdateManifest;
  /** Of its folder: no two archives share one. */
  readonly name: string;
}

const refused = (code: ConstructorParameters<typeof FlashlineError>[0], message: string) =>
  new FlashlineError(code, message);

/**
 * Checks the signature over the manifest's exact bytes first; nothing else is read of one that does not hold.
 * @throws FlashlineError `release.signature_*`, `release.key_unknown`, `update.*`
 */
export function checkUpdate(wanted: WantedUpdate, options: CheckOptions): CheckedUpdate {
  const bytes = Buffer.from(wanted.manifest, "base64");
  signedBy(bytes, wanted.signature, options.keys);
  const manifest = manifestFrom(bytes);
  const { version, platform, launcher, node, journal, archive } = manifest;
  if (platform !== options.platform) {
    throw refused("update.platform", `It is for ${platform}, this PC is ${options.platform}.`);
  }
  if (compareVersions(version, options.version) < 0 && wanted.downgrade !== version) {
    throw refused("update.older", `It is ${version}, and ${options.version} runs.`);
  }
  refuseRollback(manifest, options);
  if (launcher > options.launched.launcher) {
    throw refused(
      "update.launcher",
      `It needs launcher ${launcher}, the package's is ${options.launched.launcher}.`,
    );
  }
  if (!runsOnNode(options.node, node)) {
    throw refused("update.node", `It needs Node.js ${node}, the package's is ${options.node}.`);
  }
  if (journal.reads < JOURNAL_FORMAT || journal.writes > JOURNAL_FORMAT) {
    throw refused(
      "update.journal",
      `It reads journals up to ${journal.reads} and writes ${journal.writes}; this version does ${JOURNAL_FORMAT}.`,
    );
  }
  return { manifest, name: `${version}-${archive.sha256.slice(0, 12)}` };
}

/**
 * A server that was taken over can send every version that was ever signed. An old one with a hole that is known is refused, whatever the server asks
 * for; only the signature can allow it.
 */
function refuseRollback(
  manifest: UpdateManifest,
  { newest, version: runs }: Pick<CheckOptions, "newest" | "version">,
): void {
  if (newest.kind === "unreadable") {
    throw refused("update.newest_unknown", newest.why);
  }
  // A version on the way to being the newest may run before that is noted.
  const known = newest.kind === "known" ? newest.version : runs;
  const floor = compareVersions(runs, known) > 0 ? runs : known;
  if (mayFollow(manifest, floor)) return;
  const { version, downgradeFrom } = manifest;
  const allowed =
    downgradeFrom === undefined ? "no going back" : `going back from ${downgradeFrom} at most`;
  throw refused(
    "update.rollback",
    `It is ${version}, ${floor} ran here, and its manifest allows ${allowed}.`,
  );
}

function manifestFrom(bytes: Uint8Array): UpdateManifest {
  try {
    return UpdateManifest.parse(
      JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)),
    );
  } catch (cause) {
    throw new FlashlineError("update.manifest_invalid", "The manifest cannot be read.", { cause });
  }
}
