import { compareVersions, type UpdateFacts } from "@flashline/contract";

/** A published version that is newer than what a station runs; null: no newer one was published. Pre-releases are for those who ask for them. */
export function newestFor(
  offered: readonly { readonly version: string; readonly platform: string }[],
) {
  const newest = new Map<string, string>();
  for (const { version, platform } of offered) {
    if (version.includes("-")) continue;
    const known = newest.get(platform);
    if (known === undefined || compareVersions(version, known) > 0) newest.set(platform, version);
  }
  return (station: {
    readonly facts: UpdateFacts | null;
    readonly version: string | null;
  }): string | null => {
    const found = station.facts === null ? undefined : newest.get(station.facts.platform);
    if (found === undefined || station.version === null) return null;
    return compareVersions(found, station.version) > 0 ? found : null;
  };
}
