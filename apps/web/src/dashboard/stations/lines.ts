import type { StationView } from "@flashline/contract";
import { counted } from "../../shared/format.ts";

export function byLine(
  stations: readonly StationView[],
): readonly { readonly title: string; readonly stations: readonly StationView[] }[] {
  const lines = new Map<string, StationView[]>();
  for (const station of stations) {
    const title = `${station.plant} · ${station.line}`;
    lines.set(title, [...(lines.get(title) ?? []), station]);
  }
  const numeric = { numeric: true } as const;
  return [...lines]
    .sort(([a], [b]) => a.localeCompare(b, "en", numeric))
    .map(([title, of]) => ({
      title,
      stations: of.sort((a, b) => a.name.localeCompare(b.name, "en", numeric)),
    }));
}

export function sayStations(stations: readonly StationView[]): string {
  const enrolled = stations.filter((station) => station.enrolled);
  const away = enrolled.filter((station) => !station.connected);
  const busy = stations
    .filter((station) => station.connected)
    .flatMap((station) => station.nests)
    .filter((nest) => nest.state === "busy" || nest.state === "starting").length;
  const work = busy === 0 ? "No unit is in work." : `${counted(busy, "unit")} in work.`;
  const names = away.map((station) => station.name).join(", ");
  const all =
    away.length === 0
      ? `${enrolled.length === 1 ? "The station is" : `All ${enrolled.length} stations are`} connected.`
      : `${enrolled.length - away.length} of ${counted(enrolled.length, "station")} connected; not seen: ${names}.`;
  return enrolled.length === 0 ? "No station is enrolled yet." : `${all} ${work}`;
}
