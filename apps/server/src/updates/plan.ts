import {
  compareVersions,
  mayFollow,
  type PlannedStation,
  type UpdateFacts,
  type UpdateManifest,
  type UpdateObstacle,
  updateObstacle,
} from "@flashline/contract";

/** An update as a plan needs it. */
export interface Offered {
  readonly id: string;
  readonly keyId: string;
  readonly manifest: Pick<
    UpdateManifest,
    "version" | "platform" | "launcher" | "node" | "downgradeFrom"
  >;
}

/** A station that an update may be pushed to. */
export interface Candidate extends Omit<PlannedStation, "wave" | "obstacle"> {
  readonly stationId: string;
  readonly enrolled: boolean;
  readonly facts: UpdateFacts | null;
}

/** A candidate with its place; `update` is null where it gets none. */
export interface Placed extends Candidate {
  readonly wave: number | null;
  readonly obstacle: UpdateObstacle | null;
  readonly update: Offered | null;
}

/** The update for the station's kind of PC, or why it gets none. */
function choose(
  { enrolled, facts, version }: Candidate,
  offered: readonly Offered[],
  downgrade: boolean,
): Offered | UpdateObstacle {
  if (!enrolled) return "not-enrolled";
  if (facts === null || version === null) return "unknown";
  const fits = offered.find(({ manifest }) => manifest.platform === facts.platform);
  const [any] = offered;
  const update = fits ?? any;
  if (update === undefined) return "platform";
  const obstacle = updateObstacle(facts, update.manifest, update.keyId);
  if (obstacle !== undefined) return obstacle;
  const order = compareVersions(version, update.manifest.version);
  if (order === 0) return "same";
  if (order > 0 && !downgrade) return "newer";
  const { newest } = facts;
  return newest !== null && !mayFollow(update.manifest, newest) ? "rollback" : update;
}

/**
 * Who gets the update, and when: one station first, one that is there and has no unit in work where there is one; then the others of its line, then line by
 * line in the order of the candidates.
 */
export function planPush(
  candidates: readonly Candidate[],
  offered: readonly Offered[],
  downgrade: boolean,
): readonly Placed[] {
  const chosen = candidates.map((of) => ({ of, is: choose(of, offered, downgrade) }));
  const taken = chosen.filter(({ is }) => typeof is !== "string").map(({ of }) => of);
  const first =
    taken.find(({ connected, inWork }) => connected && inWork === 0) ??
    taken.find(({ connected }) => connected) ??
    taken[0];
  const lineOf = ({ plant, line }: Candidate) => `${plant}\t${line}`;
  const own = first === undefined ? [] : [lineOf(first)];
  const lines = [...new Set([...own, ...taken.map(lineOf)])];
  return chosen.map(({ of, is }) => {
    if (typeof is === "string") return { ...of, wave: null, obstacle: is, update: null };
    const wave = of === first ? 1 : 2 + lines.indexOf(lineOf(of));
    return { ...of, wave, obstacle: null, update: is };
  });
}

/** A station's place in a push that runs. */
export interface Standing {
  readonly id: string;
  readonly stationId: string;
  readonly wave: number;
  readonly state: string;
  readonly connected: boolean;
}

/** What comes next in a push: `tell` these, or it is done. Nobody is told while the ones before are at it; who is away holds nobody up but at the first one. */
export function nextOf(
  standing: readonly Standing[],
): { readonly done: true } | { readonly tell: readonly Standing[] } {
  const planned = standing.filter(({ state }) => state === "planned");
  const told = standing.filter(({ state }) => state === "told");
  if (planned.length === 0) return told.length === 0 ? { done: true } : { tell: [] };
  const wave = Math.min(...planned.map((one) => one.wave));
  const isFirst = told.length === 0 && standing.every(({ state }) => state !== "done");
  if (!isFirst && !standing.some(({ state }) => state === "done")) return { tell: [] };
  if (told.some(({ connected, wave: of }) => connected && of < wave)) return { tell: [] };
  const next = planned.filter((one) => one.wave === wave);
  // Whoever was to be first may have been refused: then another one is.
  return { tell: isFirst ? next.slice(0, 1) : next };
}
