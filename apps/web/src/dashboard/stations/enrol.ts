import type { StationView } from "@flashline/contract";

/** What line IT runs on the PC, letter by letter; ports are the PC's own. */
export const enrolCommand = (server: string, token: string, nests: number): string =>
  [
    "flashline-agent enroll",
    `--server ${server}`,
    `--token ${token}`,
    "--key release.pub",
    ...Array.from({ length: nests }, (_, at) => `--nest ${at + 1}=PORT-${at + 1}`),
  ].join(" \\\n  ");

/** How far a PC is that somebody enrolls. */
export type EnrolStep = "waiting" | "enrolled" | "connected";

/** `before`: when the station was last heard of, before the token was made. */
export function stepOf(station: StationView | undefined, before: string | null): EnrolStep {
  if (station === undefined || !station.enrolled) return "waiting";
  const isHeard = station.connected && station.lastSeenAt !== before;
  return isHeard ? "connected" : "enrolled";
}
