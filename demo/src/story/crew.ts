import { setTimeout as pause } from "node:timers/promises";
import { type Handled, handleUnit, type Workplace } from "../line/operator.ts";
import type { Voice } from "../say.ts";
import type { DemoUnit } from "../setup/units.ts";

const HANDS_MS = 100;
/** A nest that goes wrong is left alone for a moment. */
const TROUBLE_MS = 2000;
const LOOK_MS = 500;

/** People at all nests, who take the next unit as long as there is work. */
export interface Crew {
  /**
   * Works until `isDone`, or until the supply is used up. Units in hand are finished. False: the supply ended first. `at`: only at these workplaces.
   */
  workUntil(at: readonly Workplace[], isDone: () => Promise<boolean>): Promise<boolean>;
  /** How many units were handled so far. */
  readonly handled: number;
}

export function crewOf(units: readonly DemoUnit[], voice: Voice, signal: AbortSignal): Crew {
  const supply = [...units];
  const counts = { handled: 0, pass: 0, fail: 0, refused: 0 };
  const count = ({ verdict }: Handled): void => {
    counts.handled += 1;
    counts[verdict] += 1;
  };
  return {
    get handled() {
      return counts.handled;
    },
    async workUntil(at, isDone) {
      const over = { done: false };
      const workAt = async (workplace: Workplace): Promise<void> => {
        while (!over.done && !signal.aborted) {
          const unit = supply.shift();
          if (unit === undefined) return;
          try {
            count(await handleUnit(workplace, unit));
          } catch (error) {
            if (signal.aborted) return;
            supply.push(unit);
            voice.line(`${workplace.station}/${workplace.nest}: ${String(error)}`);
            await pause(TROUBLE_MS);
          }
          await pause(HANDS_MS);
        }
      };
      const working = Promise.all(at.map(workAt)).then(() => "out of units" as const);
      let looked: "done" | "out of units" | "not yet" = "not yet";
      while (looked === "not yet") {
        looked = await Promise.race([
          working,
          pause(LOOK_MS).then(async () =>
            (await isDone()) ? ("done" as const) : ("not yet" as const),
          ),
        ]);
        voice.status(
          `${counts.handled} of ${units.length} units · ${counts.pass} passed · ${counts.fail} failed`,
        );
      }
      over.done = true;
      await working;
      return looked === "done" || (await isDone());
    },
  };
}
