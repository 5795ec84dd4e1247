import type { Golden } from "../station/golden.ts";
import type { Grants } from "../station/granted.ts";

/** Grants for whatever is flashed without the server; neither a golden unit is, nor anything in a nest that only a golden run may use. */
export const grantsBeside = <G extends Pick<Grants, "ask" | "view" | "take">>(
  grants: G,
  golden: Pick<Golden, "isGolden" | "isOnlyGolden">,
): Pick<Grants, "ask" | "view" | "take"> => ({
  get view() {
    return grants.view;
  },
  ask: (serial, nest) =>
    golden.isGolden(serial) || golden.isOnlyGolden(nest)
      ? { kind: "none" }
      : grants.ask(serial, nest),
  take: (jobId, serial, nest) => grants.take(jobId, serial, nest),
});
