import { setTimeout as pause } from "node:timers/promises";
import { evidenceText } from "@flashline/contract";
import { type Handled, handleUnit, type Workplace } from "../line/operator.ts";
import type { Voice } from "../say.ts";
import type { DemoUnit } from "../setup/units.ts";
import type { Stage } from "../stage.ts";

interface Rework {
  readonly unit: DemoUnit;
  /** Where it failed: it is tried again elsewhere. */
  readonly not: string;
  readonly tries: number;
}

interface Counters {
  handled: number;
  passed: number;
  failed: number;
  reworked: number;
  redBin: number;
}

const LOOK_MS = 1000;
const HOSTS_MS = 5000;
const MOST_TRIES = 2;
/** A nest that goes wrong (an agent restarting, say) is left alone for a moment. */
const TROUBLE_MS = 3000;

/** Some hundred units with rework at other stations; resolves when all are through or the signal is aborted. */
export async function playShift(
  stage: Stage,
  voice: Voice,
  units: readonly DemoUnit[],
  random: () => number,
  signal: AbortSignal,
): Promise<void> {
  const supply = [...units];
  const rework: Rework[] = [];
  const counters: Counters = {
    handled: 0,
    passed: 0,
    failed: 0,
    reworked: 0,
    redBin: 0,
  };
  let inHand = 0;

  function next(station: string): Rework | undefined {
    const at = rework.findIndex((candidate) => candidate.not !== station);
    if (at >= 0) return rework.splice(at, 1)[0];
    const unit = supply.shift();
    return unit === undefined ? undefined : { unit, not: "", tries: 0 };
  }

  function handled({ unit, workplace, verdict, code }: Handled, tries: number): void {
    if (tries === 0) counters.handled += 1;
    else counters.reworked += 1;
    if (verdict === "pass") counters.passed += 1;
    else if (verdict === "fail") counters.failed += 1;
    if (verdict === "pass" || code === "preflight.already_passed") return;
    if (verdict === "refused")
      voice.line(`${workplace.station} refuses ${unit.serial}: ${code ?? "it does not say why"}`);
    if (tries + 1 < MOST_TRIES) rework.push({ unit, not: workplace.station, tries: tries + 1 });
    else counters.redBin += 1;
  }

  async function workAt(workplace: Workplace): Promise<void> {
    while (!signal.aborted) {
      const item = next(workplace.station);
      if (item === undefined) {
        if (inHand === 0 && supply.length === 0 && rework.length === 0) return;
        await pause(LOOK_MS);
        continue;
      }
      inHand += 1;
      try {
        handled(await handleUnit(workplace, item.unit), item.tries);
      } catch (error) {
        if (signal.aborted) return;
        rework.push({ ...item, not: workplace.station });
        voice.line(`${workplace.station}/${workplace.nest}: ${String(error)}`);
        await pause(TROUBLE_MS);
      } finally {
        inHand -= 1;
      }
      await pause(200 + random() * 600);
    }
  }

  const over = new AbortController();
  const watching = watchHosts(
    stage,
    voice,
    counters,
    units.length,
    AbortSignal.any([signal, over.signal]),
  );
  await Promise.all(stage.lines.flatMap((line) => line.workplaces).map(workAt));
  over.abort();
  await watching;
}

/** The live line of counters, and a line of its own whenever a verdict changes. */
async function watchHosts(
  stage: Stage,
  voice: Voice,
  counters: Counters,
  total: number,
  signal: AbortSignal,
): Promise<void> {
  const verdicts = new Map<string, string>();
  let asked = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    if (performance.now() - asked >= HOSTS_MS) {
      asked = performance.now();
      await tellVerdicts(stage, voice, verdicts).catch(() => undefined);
    }
    const { handled, passed, failed, reworked, redBin } = counters;
    const hosts = [...verdicts].filter(
      ([, verdict]) => verdict !== "OK" && verdict !== "NOT_ENOUGH_DATA",
    );
    voice.status(
      `${handled} of ${total} units · ${passed} passed · ${failed} failed · ${reworked} reworked · ${redBin} red bin` +
        `${hosts.map(([host, verdict]) => ` · ${host} ${verdict}`).join("")}`,
    );
    await pause(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function tellVerdicts(stage: Stage, voice: Voice, seen: Map<string, string>): Promise<void> {
  const { body } = await stage.api("hosts", {});
  for (const host of body.hosts) {
    const { name, verdict } = host;
    const before = seen.get(name);
    seen.set(name, verdict);
    const worse = verdict === "WATCH" || verdict === "SUSPECT";
    if (before !== verdict && (worse || before === "SUSPECT"))
      voice.line(`Host ${name} is now ${verdict}: ${evidenceText(host)}`);
  }
}
