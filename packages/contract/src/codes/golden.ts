import { type ContractCodeEntry, operator, system } from "./entry.ts";

/** Golden units and the checks of nests with them. */
export const GOLDEN_CODES = {
  "golden.agent_cannot": system(
    409,
    "Update the agent. Call the lead.",
    "This station's agent does not know how to check a nest with a golden unit.",
  ),
  "golden.no_job": operator(
    409,
    "Scan again.",
    "A golden unit checks nests. It is flashed by no work order.",
  ),
  "golden.other_plant": operator(
    409,
    "Take another golden unit.",
    "The golden unit belongs to another plant.",
  ),
  "golden.retired": operator(
    409,
    "Take another golden unit.",
    "The golden unit was taken out of use by an engineer.",
  ),
  "golden.worn_out": operator(
    409,
    "Take another golden unit.",
    "A sector that the check would erase has reached the limit of its erase cycles.",
  ),
  "golden.release": operator(
    409,
    "Golden unit's release is gone. Call engineer.",
    "The release that the golden unit's check flashes was revoked, has expired, or is not released.",
  ),
  "golden.due": operator(
    409,
    "Golden check due. Scan the golden unit.",
    "The plant wants a passed check of this nest before anything else is started there.",
  ),
  "golden.run_over": operator(
    409,
    "Scan again.",
    "The golden run was stopped, or all its checks are made.",
  ),
  "golden.unit_gone": operator(
    409,
    "Plug in the unit.",
    "The golden unit left its port between two checks and did not come back.",
  ),
  "golden.run_failed": operator(
    409,
    "Golden run had failures. Call the lead.",
    "Of the checks of a golden run some have failed.",
  ),
} as const satisfies Record<string, ContractCodeEntry>;
