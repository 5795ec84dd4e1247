import {
  type PlannedStation,
  type PushView,
  type StationVersion,
  UPDATE_OBSTACLES,
  type UpdateView,
} from "@flashline/contract";
import { counted } from "../../../shared/format.ts";

/** "1.5.0 on 4 PCs, 1.4.2 on 2": the newest first, as they came. */
export function sayVersions(stations: readonly StationVersion[]): string {
  const counts = new Map<string, number>();
  for (const { version, enrolled } of stations) {
    if (!enrolled) continue;
    const name = version ?? "a version that is not known";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const behind = stations.filter(({ newest }) => newest !== null).length;
  const parts = [...counts]
    .sort(([a], [b]) => b.localeCompare(a, "en", { numeric: true }))
    .map(([version, n]) => `${version} on ${counted(n, "PC")}`);
  if (parts.length === 0) return "No PC is enrolled yet.";
  const all = `${parts.join(", ")}.`;
  return behind === 0 ? all : `${all} ${counted(behind, "PC")} behind.`;
}

const PUSH_STATES: Readonly<Record<string, string>> = {
  running: "goes on",
  paused: "is paused",
  stopped: "has stopped",
  done: "is done",
  ended: "was called off",
};

/** How far a push is. */
export function sayPush({ version, state, stateReason, stations }: PushView): string {
  const done = stations.filter(({ update }) => update.state === "done").length;
  const why = stateReason === null ? "" : ` ${stateReason}`;
  return `The push of ${version} ${PUSH_STATES[state] ?? state}: ${done} of ${counted(stations.length, "PC")} done.${why}`;
}

/** When a station of a plan gets it, or why not. */
export function sayPlace({ wave, obstacle, connected, inWork }: PlannedStation): string {
  if (wave === null) {
    return obstacle !== null && obstacle in UPDATE_OBSTACLES
      ? UPDATE_OBSTACLES[obstacle as keyof typeof UPDATE_OBSTACLES]
      : "gets none";
  }
  const turn = wave === 1 ? "first" : wave === 2 ? "then" : `line by line, turn ${wave}`;
  if (!connected) return `${turn}, when it is back`;
  return inWork > 0 ? `${turn}, after the units in work` : turn;
}

/** From which versions PCs go back to an update, one of each kind of PC. */
export function sayGoingBack(updates: readonly Pick<UpdateView, "downgradeFrom">[]): string {
  const from = [...new Set(updates.map(({ downgradeFrom }) => downgradeFrom))];
  const [only = null] = from;
  if (from.length > 1) return "Its signatures allow going back from different versions.";
  return only === null
    ? "Its signature does not allow going back: a PC that remembers a newer version refuses it."
    : `Its signature lets PCs go back that ran up to ${only}.`;
}
