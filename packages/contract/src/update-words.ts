import { describeCode } from "./codes.ts";
import type { PushPlan, StationUpdate } from "./updates.ts";

/** How one station's update is, in a sentence for pages and tools. */
export function describeStationUpdate(update: StationUpdate, connected: boolean): string {
  const { version, state, step, percent, nest, code, detail, runs } = update;
  if (state === "done") return `runs ${version}`;
  if (state === "ended") return `${version} was called off`;
  if (state === "failed") {
    const now = runs ?? update.from;
    if (code === "update.did_not_start") return `${version} did not start: went back to ${now}`;
    const why = code === null ? detail : describeCode(code).meaning;
    return `${version} was refused: ${why} It runs ${now}.`;
  }
  if (state === "planned") return `${version}: its turn comes later`;
  if (!connected) return `away; gets ${version} when it is back`;
  if (step === "fetching") return `fetching ${version}${percent === null ? "" : `, ${percent} %`}`;
  if (step === "waiting") {
    return nest === null
      ? "waiting until nothing is in work"
      : `waiting for the unit in nest ${nest}`;
  }
  if (step === "switching") return `updating to ${version}`;
  return `is told of ${version}`;
}

/** A plan in one line: "6 PCs of line L3: 4 now, 2 after the units in work". */
export function describePlan({ version, stations }: PushPlan): string {
  const taken = stations.filter(({ wave }) => wave !== null);
  const lines = [...new Set(taken.map(({ line }) => line))];
  const pcs = `${taken.length} ${taken.length === 1 ? "PC" : "PCs"}`;
  if (taken.length === 0) return `No PC gets ${version}.`;
  // A plant may call it "Line 3".
  const noun = lines.some((line) => /^line/i.test(line))
    ? ""
    : lines.length === 1
      ? "line "
      : "lines ";
  const where = `${noun}${lines.join(", ")}`;
  const away = taken.filter(({ connected }) => !connected).length;
  const after = taken.filter(({ connected, inWork }) => connected && inWork > 0).length;
  const now = taken.length - away - after;
  const parts = [
    now > 0 ? `${now} now` : "",
    after > 0 ? `${after} after the units in work` : "",
    away > 0 ? `${away} when ${away === 1 ? "it is" : "they are"} back` : "",
  ].filter((part) => part !== "");
  return `${pcs} of ${where}: ${parts.join(", ")}.`;
}
