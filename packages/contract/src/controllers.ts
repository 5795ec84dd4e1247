import { z } from "zod";
import { Proportion } from "./common.ts";
import { HostVerdict } from "./states.ts";

/** What is known of one USB controller of a line PC, by what was flashed there and at others of its model. */
export const StationController = z.object({
  /** Where it is: a PCI address, or what the system calls a controller without one. */
  address: z.string(),
  /** "Intel 8086:7ae0"; the driver's name where there is no PCI. */
  model: z.string(),
  driver: z.string(),
  /** What the verdict says of it at this PC, now; a newer server may know more words. */
  verdict: z.string(),
  /** Units whose first attempt failed at this model / units that were first tried there. */
  failedFirst: Proportion,
  /** The same of the plant's other models. No comparison: they may have had other boards. */
  failedFirstElsewhere: Proportion,
});
export type StationController = z.infer<typeof StationController>;

/** The controllers through which a station has flashed. */
export const StationControllers = z.object({
  /** How long back is counted, days. */
  days: z.number().int(),
  controllers: z.array(StationController).max(64),
});
export type StationControllers = z.infer<typeof StationControllers>;

const SPOKEN_AGAINST: readonly string[] = [
  HostVerdict.Watch,
  HostVerdict.Suspect,
  HostVerdict.Quarantined,
];
/** Whether the verdict speaks against the controller. */
export const isDoubted = ({ verdict }: Pick<StationController, "verdict">): boolean =>
  SPOKEN_AGAINST.includes(verdict);
