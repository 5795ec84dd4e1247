import { newId } from "../../ids.ts";
import { allowedOf, failuresOf, isOpen, jobOf, tell } from "../plant/rules.ts";
import type { World } from "../plant/world.ts";
import { answered, pick, type Step } from "./step.ts";

async function unitId(world: World, unit: number): Promise<string> {
  const [row] = await world.replicas.server.platform.db.sql.query<{ id: string }>(
    "SELECT id FROM unit WHERE product_id = $1 AND serial = $2",
    [world.productId, world.serials[unit]],
  );
  return row?.id ?? "";
}

export type Rework = "repair" | "override" | "scrap" | "unscrap";

/** What a lead does about a unit, in words that were not said before. */
export const rework = (kind: Rework, unit: number, which: number): Step => ({
  name: `${kind} of unit ${unit}`,
  plan(s) {
    const failed = s.attempts.filter(
      (one) => one.outcome === "FAIL" && jobOf(s, one.job).unit === unit,
    );
    const attemptId = pick(failed, which)?.id;
    if (s.units[unit]?.known !== true || (kind === "repair" && attemptId === undefined))
      return null;
    const what = `because ${newId()}`;
    return {
      model(now) {
        const one = now.units[unit];
        if (one === undefined) return "request.not_found";
        if (kind === "unscrap" && !one.scrapped) return "request.conflict";
        if (kind !== "unscrap" && one.scrapped) return "preflight.scrapped";
        const busy = now.jobs.some((job) => job.unit === unit && isOpen(job));
        if (kind === "scrap" && busy) return "preflight.busy";
        if (kind === "override" && failuresOf(now, unit) < allowedOf(now, unit)) {
          return "request.conflict";
        }
        if (kind === "scrap" || kind === "unscrap") one.scrapped = kind === "scrap";
        if (kind === "repair") one.repairs.push(Date.now());
        if (kind === "override") one.overrides.push(Date.now());
        tell(now, REWORK_EVENTS[kind]);
        return "ok";
      },
      async real(world, replica) {
        const call = world.people(replica);
        const of = { id: await unitId(world, unit) };
        const body = { reason: what };
        switch (kind) {
          case "repair":
            return answered(
              call("repairUnit", { params: of, body: { attemptId: attemptId ?? "", what } }),
            );
          case "override":
            return answered(call("allowRetest", { params: of, body }));
          case "scrap":
            return answered(call("scrapUnit", { params: of, body }));
          case "unscrap":
            return answered(call("unscrapUnit", { params: of, body }));
        }
      },
    };
  },
});

const REWORK_EVENTS = {
  repair: "unit.repaired",
  override: "unit.retest-allowed",
  scrap: "unit.scrapped",
  unscrap: "unit.unscrapped",
} as const satisfies Record<Rework, string>;
