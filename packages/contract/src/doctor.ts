import { z } from "zod";
import { text } from "./common.ts";

/** What a finding means: nothing to do, look at it, this PC cannot flash. */
export const FINDING_LEVELS = ["ok", "warn", "fail"] as const;

/** One thing that was looked at on a line PC, and what to do about it where something is wrong. For who installs it, in English. */
export const DoctorFinding = z.object({
  name: text(60, 1),
  /** One of {@link FINDING_LEVELS}. */
  level: text(20, 1),
  sentence: text(2_000),
});
export type DoctorFinding = z.infer<typeof DoctorFinding>;

/** All that the doctor of a station found. */
export const DoctorReport = z.object({
  /** By the station's clock. */
  at: z.iso.datetime(),
  findings: z.array(DoctorFinding).max(300),
});
export type DoctorReport = z.infer<typeof DoctorReport>;

/** The latest report of a station. */
export const StationDoctor = DoctorReport.extend({
  station: z.string(),
  /** By the server's clock. */
  receivedAt: z.string(),
});
export type StationDoctor = z.infer<typeof StationDoctor>;
