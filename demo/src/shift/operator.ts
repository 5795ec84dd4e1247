import type { NestView } from "@flashline/contract";
import type { VirtualPorts } from "../line/sim.ts";
import type { StationPage } from "../line/station-page.ts";
import type { DemoUnit } from "./units.ts";

/** One place at a station where an operator works. */
export interface Workplace {
  readonly station: string;
  readonly nest: string;
  /** Slot of the simulator that is this nest's port. */
  readonly slot: number;
  readonly ports: VirtualPorts;
  readonly page: StationPage;
}

export type Verdict = "pass" | "fail" | "refused" | "unknown";

export interface Handled {
  readonly unit: DemoUnit;
  readonly workplace: Workplace;
  readonly verdict: Verdict;
  readonly code: string | null;
}

const PLUG_MS = 20_000;
const SCAN_MS = 20_000;
const FLASH_MS = 120_000;
/** Hands need a moment too; and a scanner does not read two labels at once. */
const TRIES = 3;

const isOver = (nest: NestView): boolean =>
  nest.state === "pass" ||
  nest.state === "fail" ||
  nest.state === "refused" ||
  nest.state === "unknown";

/** Takes the last unit out, plugs this one in, scans it, presses start, and reads the verdict off the page. */
export async function handleUnit(workplace: Workplace, unit: DemoUnit): Promise<Handled> {
  const { nest, page } = workplace;
  let ready = await plugAndScan(workplace, unit);
  for (let attempt = 1; attempt < TRIES && ready.code === "nest.not_armed"; attempt += 1)
    ready = await plugAndScan(workplace, unit);
  if (ready.state !== "ready") return { unit, workplace, verdict: "refused", code: ready.code };
  await page.start(nest);
  const ended = await page.untilNest(nest, "finished", isOver, FLASH_MS);
  const verdict =
    ended.state === "pass" || ended.state === "fail" || ended.state === "unknown"
      ? ended.state
      : "refused";
  if (verdict !== "pass") await page.acknowledge(nest);
  return { unit, workplace, verdict, code: ended.code };
}

async function plugAndScan(workplace: Workplace, unit: DemoUnit): Promise<NestView> {
  const { nest, slot, ports, page } = workplace;
  ports.takeOut(slot);
  await page.untilNest(nest, "empty", (view) => view.state === "empty", PLUG_MS);
  ports.plugIn(slot, unit.faults);
  await page.untilNest(nest, "present", (view) => view.state === "present", PLUG_MS);
  await page.scanInto(nest, unit.serial);
  return await page.untilNest(
    nest,
    "ready or refused",
    (view) => view.serial === unit.serial && (view.state === "ready" || view.state === "refused"),
    SCAN_MS,
  );
}
