import { setTimeout as pause } from "node:timers/promises";
import { handleUnit, type Workplace } from "../line/operator.ts";
import type { Voice } from "../say.ts";
import type { DemoUnit } from "../setup/units.ts";
import type { Stage } from "../stage.ts";
import { type Figures, readFigures } from "./figures.ts";

/** Every unit once, at whatever nest is free; resolves with what the server recorded. */
export async function playOnce(
  stage: Stage,
  voice: Voice,
  units: readonly DemoUnit[],
  signal: AbortSignal,
): Promise<Figures> {
  const supply = [...units];
  await untilOrdered(stage);
  const workAt = async (workplace: Workplace): Promise<void> => {
    for (let unit = supply.shift(); unit !== undefined && !signal.aborted; unit = supply.shift())
      await handle(workplace, unit, voice);
  };
  await Promise.all(stage.lines.flatMap((line) => line.workplaces).map(workAt));
  return await readFigures(stage.api, units);
}

/** What goes wrong here shows as a unit without an outcome in what the server recorded. */
async function handle(workplace: Workplace, unit: DemoUnit, voice: Voice): Promise<void> {
  const where = `${unit.serial} at ${workplace.station}/${workplace.nest}`;
  try {
    const { verdict, code } = await handleUnit(workplace, unit);
    voice.line(`${where}: ${verdict}${code === null ? "" : ` (${code})`}`);
  } catch (error) {
    voice.line(`${where}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const ORDER_MS = 20_000;

/** A station learns of a new work order with its next sign of life. */
async function untilOrdered(stage: Stage): Promise<void> {
  const deadline = performance.now() + ORDER_MS;
  for (const { workplaces } of stage.lines) {
    const page = workplaces[0]?.page;
    while (page !== undefined && performance.now() < deadline) {
      if ((await page.view()).workOrder !== null) break;
      await pause(150);
    }
  }
}

/** As planned: all but one passed, one failed, nothing is unknown, and every unit ended as it was meant to. */
export const asPlanned = (figures: Figures): boolean =>
  figures.passed === figures.units - 1 &&
  figures.failed === 1 &&
  figures.unknown === 0 &&
  figures.recovered > 0 &&
  figures.surprises.length === 0;
