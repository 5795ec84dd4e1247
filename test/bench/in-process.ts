import { flashUnit, PROFILES, type ProfileName } from "@flashline/dfu-core";
import { DfuRequest, DfuState } from "@flashline/dfu-core/protocol";
import { createTranscript, recordTransport, type Transcript } from "@flashline/dfu-core/transcript";
import { pcClock } from "@flashline/usb-host";
import { attachInProcess, createVirtualUnit } from "@flashline/virtual-stm32";
import { MachineError } from "../vm/harness/cache.ts";
import { median } from "./figures.ts";
import { TRANSFER_MS } from "./replay.ts";
import type { InProcess } from "./report.ts";
import { holdsImage, IMAGE, PART, type PartState, prepare, STATES } from "./subject.ts";

const ROUNDS = 3;

export async function measureInProcess(say: (line: string) => void): Promise<InProcess> {
  const measured: InProcess = { alone: [], together: [] };
  for (const profile of ["fast", "standard"] as const) {
    for (const state of STATES) {
      const runs: Flashed[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        runs.push(await flashInProcess(state, profile, PROFILES[profile].gapMs));
      }
      const ms = median(runs.map((run) => run.ms));
      const ratio = median(runs.map((run) => run.ms / run.leastMs));
      measured.alone.push({ profile, state, ms, ratio });
      say(
        `in process, ${state} part, ${profile}: ${Math.round(ms)} ms, ${ratio.toFixed(3)} of the least`,
      );
    }
  }
  const one = await together(1);
  for (const units of [8, 16]) {
    const ms = await together(units);
    measured.together.push({ units, ms, ratio: ms / one });
    say(`${units} units at once: ${Math.round(ms)} ms, ${(ms / one).toFixed(2)} of one unit's`);
  }
  return measured;
}

async function together(units: number): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) times.push(await flashTogether(units));
  return median(times);
}

interface Flashed {
  readonly ms: number;
  /** What no engine can avoid for the same transfers: their own time, the announced poll times, the profile's gaps. */
  readonly leastMs: number;
}

/** One unit in this process, in real time: neither kernel nor emulation in between. */
async function flashInProcess(
  state: PartState,
  profile: ProfileName,
  gapMs: number,
): Promise<Flashed> {
  const clock = pcClock();
  const unit = createVirtualUnit({ part: PART, clock, timing: "typical" });
  prepare(unit.flash, state);
  const transcript = createTranscript();
  const plain = attachInProcess(unit, clock, { transferMs: TRANSFER_MS });
  const transport = recordTransport(plain, transcript, clock);
  const report = await flashUnit({ transport, clock, image: IMAGE, profile });
  if (report.outcome !== "PASS" || report.linkIncident || !holdsImage(unit.flash)) {
    throw new MachineError(`in process: ${report.outcome} ${report.code ?? ""}`);
  }
  return { ms: transcript.summary.ms, leastMs: leastOf(transcript, gapMs) };
}

function leastOf(transcript: Transcript, gapMs: number): number {
  let least = 0;
  let transfers = 0;
  for (const entry of transcript.entries) {
    if (entry.kind !== "transfer") continue;
    transfers += 1;
    least += entry.endMs - entry.startMs;
    const [, low = 0, middle = 0, high = 0, next] = entry.data;
    const busy = entry.setup.request === DfuRequest.GetStatus && next === DfuState.DnBusy;
    if (busy && entry.setup.requestType === 0xa1) least += low | (middle << 8) | (high << 16);
  }
  return least + gapMs * Math.max(0, transfers - 1);
}

/** Time until the last of `count` units is done, all begun at once in one process. */
async function flashTogether(count: number): Promise<number> {
  const begun = performance.now();
  await Promise.all(Array.from({ length: count }, () => flashInProcess("used", "fast", 0)));
  return performance.now() - begun;
}
