import type { HoldTarget } from "@flashline/contract";
import { callOff, tell } from "../plant/rules.ts";
import type { HoldKey, State } from "../plant/state.ts";
import type { World } from "../plant/world.ts";
import { answered, nestName, pick, type Step } from "./step.ts";

const reason = "by the model";

const HOLD_EVENTS: Readonly<Record<string, readonly [set: string, lifted: string]>> = {
  line: ["line.paused", "line.resumed"],
  station: ["station.paused", "station.resumed"],
  nest: ["nest.off", "nest.on"],
  host: ["host.quarantined", "host.cleared"],
  unit: ["unit.held", "unit.released"],
  batch: ["batch.held", "batch.released"],
};
const kindOf = (key: HoldKey): string => key.split(" ")[0] ?? "";

function targetOf(world: World, key: HoldKey): HoldTarget {
  const [station = "", nest = ""] = (key.split(" ")[1] ?? "").split("/");
  const at = world.stations[Number(station)];
  const name = at?.name ?? "";
  switch (kindOf(key)) {
    case "line":
      return { kind: "line", line: world.line };
    case "station":
      return { kind: "station", station: name };
    case "nest":
      return { kind: "nest", station: name, nest: nestName(Number(nest)) };
    case "host":
      return { kind: "host", host: at?.machine ?? "" };
    case "unit":
      return { kind: "unit", serial: world.serials[Number(station)] ?? "" };
    default:
      return { kind: "batch", product: world.product, batch: world.batch };
  }
}

/** Whether what the hold is on is there: a host and a unit become known with an attempt and a job. */
function isThere(s: State, key: HoldKey): boolean {
  const at = Number(key.split(" ")[1]);
  if (kindOf(key) === "unit") return s.units[at]?.known === true;
  if (kindOf(key) !== "host") return true;
  return s.stations[at]?.nests.some(({ hostShown }) => hostShown) === true;
}

export const hold = (key: HoldKey): Step => ({
  name: `hold on ${key}`,
  plan: () => ({
    model(s) {
      if (!isThere(s, key)) return "request.not_found";
      if (!s.holds.includes(key)) {
        s.holds.push(key);
        tell(s, HOLD_EVENTS[kindOf(key)]?.[0] ?? "");
      }
      callOff(s);
      return "ok";
    },
    real: (world, replica) =>
      answered(
        world.people(replica)("setHold", { body: { target: targetOf(world, key), reason } }),
      ),
  }),
});

/** Ends one of the holds that are on. */
export const lift = (which: number): Step => ({
  name: `hold ${which} is lifted`,
  plan(s) {
    const key = pick(s.holds, which);
    if (key === undefined) return null;
    return {
      model(now) {
        const at = now.holds.indexOf(key);
        if (at < 0) return "ok";
        now.holds.splice(at, 1);
        tell(now, HOLD_EVENTS[kindOf(key)]?.[1] ?? "");
        return "ok";
      },
      real: (world, replica) =>
        answered(
          world.people(replica)("liftHold", { body: { target: targetOf(world, key), reason } }),
        ),
    };
  },
});
