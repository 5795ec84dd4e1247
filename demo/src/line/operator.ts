import { setTimeout as pause } from "node:timers/promises";
import type { NestIn, NestView } from "@flashline/contract";
import { DemoError } from "../errors.ts";
import type { DemoUnit } from "../setup/units.ts";
import type { VirtualPorts } from "./sim.ts";
import type { StationPage } from "./station-page.ts";

/** One place at a station where an operator works. */
export interface Workplace {
  readonly station: string;
  readonly nest: string;
  /** Slot of the simulator that is this nest's port. */
  readonly slot: number;
  readonly ports: VirtualPorts;
  readonly page: StationPage;
  /** Of the clock that the units and the station share. */
  readonly speed: number;
}

export type Verdict = "pass" | "fail" | "refused";

export interface Handled {
  readonly unit: DemoUnit;
  readonly workplace: Workplace;
  readonly verdict: Verdict;
  readonly code: string | null;
}

const PLUG_MS = 20_000;
const SCAN_MS = 20_000;
const FLASH_MS = 120_000;
const TRIES = 3;
/** How long a port stays empty between two units: station time, and what hands need anyway. */
const EMPTY_MS = 2000;
const HANDS_MS = 150;
/** Real time that a FAIL stays on the page, so that who watches the demo sees it too. */
const READ_FAIL_MS = 2500;

const isReady = (nest: NestView): nest is NestIn<"ready"> => nest.state === "ready";
const isRefused = (nest: NestView): nest is NestIn<"refused"> => nest.state === "refused";
const isOver = (nest: NestView): nest is NestIn<"pass" | "fail" | "refused"> =>
  nest.state === "pass" || nest.state === "fail" || isRefused(nest);
const isPresent = (nest: NestView): nest is NestIn<"present"> => nest.state === "present";
const isNotPresent = (nest: NestView): nest is Exclude<NestView, NestIn<"present">> =>
  nest.state !== "present";

/** Takes the last unit out, plugs this one in, scans it, presses start, and reads the verdict off the page. */
export async function handleUnit(workplace: Workplace, unit: DemoUnit): Promise<Handled> {
  const { nest, page } = workplace;
  const scanned = await plugAndScan(workplace, unit);
  if (scanned.state === "refused") {
    return { unit, workplace, verdict: "refused", code: scanned.refusal.code };
  }
  await page.start(nest);
  const ended = await page.untilNest(nest, "finished", isOver, FLASH_MS);
  if (ended.state === "pass") return { unit, workplace, verdict: "pass", code: null };
  await pause(READ_FAIL_MS);
  await page.acknowledge(nest);
  return { unit, workplace, verdict: ended.state, code: ended.refusal.code };
}

async function plugAndScan(
  workplace: Workplace,
  unit: DemoUnit,
): Promise<NestIn<"ready" | "refused">> {
  const { nest, page } = workplace;
  for (let attempt = 1; ; attempt += 1) {
    await plugIn(workplace, unit.faults);
    const refused = await page.scanInto(nest, unit.serial);
    if (refused === undefined) break;
    if (attempt === TRIES) throw new DemoError(`${workplace.station}/${nest}: ${refused}`);
  }
  return await page.untilNest(
    nest,
    "ready or refused",
    (view): view is NestIn<"ready" | "refused"> =>
      (isReady(view) || isRefused(view)) && view.serial === unit.serial,
    SCAN_MS,
  );
}

/** Takes out what is in the nest and plugs a fresh unit in. A port that was empty too shortly could hold the same unit again, and the nest would not take the next one. */
export async function plugIn(workplace: Workplace, faults: readonly string[]): Promise<void> {
  const { nest, slot, ports, page, speed } = workplace;
  ports.takeOut(slot);
  await page.untilNest(nest, "empty", isNotPresent, PLUG_MS);
  await pause(EMPTY_MS / speed + HANDS_MS);
  ports.plugIn(slot, faults);
  await page.untilNest(nest, "present", isPresent, PLUG_MS);
}
