import { z } from "zod";
import { Sha256, Timestamp, text } from "./common.ts";

/** The largest bundle that is taken, bytes: it is stored as images are. */
export const LARGEST_UPDATE = 16 * 1024 * 1024;
/** The most that a bundle may hold when it is unpacked, bytes. */
export const MOST_UNPACKED = 256 * 1024 * 1024;
/** The most files that a bundle may hold. */
export const MOST_UPDATE_FILES = 5_000;

/** "1.5.0" or "1.5.0-rc.1": it becomes the name of a folder. */
export const UpdateVersion = z
  .string()
  .regex(/^\d{1,5}\.\d{1,5}\.\d{1,5}(?:-[0-9A-Za-z]{1,20}(?:\.[0-9A-Za-z]{1,20}){0,3})?$/);

/**
 * What is signed of an update: which version of the agent it is, where it runs, and the digest of its archive. The exact bytes count, as of a
 * release's manifest.
 */
export const UpdateManifest = z
  .object({
    schema: z.literal(1),
    name: z.literal("flashline-agent"),
    version: UpdateVersion,
    /** Node.js's names for system and processor: "linux-x64". */
    platform: z.string().regex(/^[a-z0-9]{1,20}-[a-z0-9]{1,20}$/),
    builtAt: Timestamp,
    /** The least interface of the package's launcher that starts it. */
    launcher: z.number().int().min(1),
    /** Node.js that it was tested with: the package's must be this one, or a newer one of the same major version. */
    node: z.string().regex(/^\d{1,3}\.\d{1,3}\.\d{1,3}$/),
    /** Formats of the station's journal: the newest that it reads, and the one that it writes. */
    journal: z.object({ reads: z.number().int().min(1), writes: z.number().int().min(1) }),
    /** The newest version from which a PC may go back to this one. Without it no PC that ever ran a newer one takes it. */
    downgradeFrom: UpdateVersion.optional(),
    /** A tar archive, gzipped. */
    archive: z.object({
      sha256: Sha256,
      size: z.number().int().positive().max(LARGEST_UPDATE),
      /** Bytes of all files together, and how many files. */
      unpacked: z.number().int().positive().max(MOST_UNPACKED),
      files: z.number().int().positive().max(MOST_UPDATE_FILES),
    }),
  })
  .refine(
    ({ version, downgradeFrom }) =>
      downgradeFrom === undefined || compareVersions(downgradeFrom, version) > 0,
    { path: ["downgradeFrom"], message: "It must be newer than the version itself." },
  );
export type UpdateManifest = z.infer<typeof UpdateManifest>;

/** The largest manifest of an update, bytes. */
export const LARGEST_UPDATE_MANIFEST = 8_000;

/** Less than 0: `a` is older. By semver: a pre-release is older than its release, and its parts are compared one by one. */
export function compareVersions(a: string, b: string): number {
  const [aCore = "", aPre] = splitVersion(a);
  const [bCore = "", bPre] = splitVersion(b);
  const core = compareParts(aCore.split("."), bCore.split("."));
  if (core !== 0 || aPre === bPre) return core;
  if (aPre === undefined || bPre === undefined) return aPre === undefined ? 1 : -1;
  return compareParts(aPre.split("."), bPre.split("."));
}

/** Whether a PC on which `newest` ran may take it: it is no older one, or who signed it allows going back from there. */
export const mayFollow = (
  { version, downgradeFrom }: Pick<UpdateManifest, "version" | "downgradeFrom">,
  newest: string,
): boolean => [version, downgradeFrom ?? version].some((one) => compareVersions(one, newest) >= 0);

function splitVersion(version: string): readonly [string, string | undefined] {
  const at = version.indexOf("-");
  return at < 0 ? [version, undefined] : [version.slice(0, at), version.slice(at + 1)];
}

/** Numbers count less than words; of two rows the longer one counts more where the shorter one ends. */
function compareParts(a: readonly string[], b: readonly string[]): number {
  for (let k = 0; k < Math.max(a.length, b.length); k += 1) {
    const [left, right] = [a[k], b[k]];
    if (left === right) continue;
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
    const numbers = [left, right].map((part) => /^\d+$/.test(part));
    if (numbers[0] && numbers[1]) {
      const difference = Number(left) - Number(right);
      if (difference !== 0) return difference;
    } else if (numbers[0] !== numbers[1]) return numbers[0] ? -1 : 1;
    else return left < right ? -1 : 1;
  }
  return 0;
}

/** What decides whether a station's agent can take an update, as it says itself. */
export const UpdateFacts = z.object({
  /** Interface of the launcher that started it; null: it was not started by a package's launcher, as from a checkout. */
  launcher: z.number().int().nullable(),
  platform: text(60),
  node: text(30),
  /** Ids of the keys for updates that are pinned on the PC. */
  keys: z.array(text(16)).max(32),
  /** The newest version that ever ran healthy on the PC; null: it does not tell. */
  newest: text(60).nullable().default(null),
});
export type UpdateFacts = z.infer<typeof UpdateFacts>;

/** Why a station is not sent an update. */
export const UPDATE_OBSTACLES = {
  unknown:
    "its agent does not know updates, or has not told about itself: install the package there",
  "not-enrolled": "no PC is enrolled",
  "not-packaged": "its agent was not started by the package's launcher",
  "no-key": "no key for updates is pinned on its PC",
  "other-key": "its PC does not pin the key that signed the update",
  platform: "there is no update for its kind of PC",
  launcher: "it needs a newer launcher: install the package there",
  node: "it needs another Node.js: install the package there",
  same: "it runs this version",
  newer: "it runs a newer version: going back has to be asked for by name",
  rollback:
    "it has run a newer version, and who signed this one does not allow going back from that",
} as const;
/** A key of {@link UPDATE_OBSTACLES}. */
export type UpdateObstacle = keyof typeof UPDATE_OBSTACLES;

/** Whether the Node.js `has` runs what was tested with `needs`: the same major version, and no older one. */
export const runsOnNode = (has: string, needs: string): boolean =>
  has.split(".")[0] === needs.split(".")[0] && compareVersions(has, needs) >= 0;

/** What keeps a station with these facts from an update; undefined: nothing. */
export function updateObstacle(
  facts: UpdateFacts,
  manifest: Pick<UpdateManifest, "platform" | "launcher" | "node">,
  keyId: string,
): UpdateObstacle | undefined {
  if (facts.launcher === null) return "not-packaged";
  if (facts.keys.length === 0) return "no-key";
  if (manifest.platform !== facts.platform) return "platform";
  if (!facts.keys.includes(keyId)) return "other-key";
  if (manifest.launcher > facts.launcher) return "launcher";
  return runsOnNode(facts.node, manifest.node) ? undefined : "node";
}
