import { flashUnit, PROFILES, type ProfileName } from "@flashline/dfu-core";
import { DfuRequest, DfuState } from "@flashline/dfu-core/protocol";
import { createTranscript, recordTransport, type Transcript } from "@flashline/dfu-core/transcript";
import { pcClock } from "@flashline/usb-host";
import { attachInProcess } from "@flashline/virtual-stm32";
import { MachineError } from "../vm/harness/cache.ts";
import { cpuPerTransfer } from "./cpu.ts";
import { median } from "./figures.ts";
import { TRANSFER_MS } from "./replay.ts";
import type { InProcess } from "./report.ts";
import {
  expectImage,
  freshUnit,
  type PartState,
  STATES,
  type Subject,
  subjectOf,
} from "./subject.ts";

const ROUNDS = 3;

/** In real time, so that the larger parts get smaller images than on the virtual clock. */
const SUBJECTS = [
  subjectOf("f407", 384),
  subjectOf("l072", 31),
  subjectOf("g0b1", 128),
  subjectOf("h743", 128),
] as const;
const [F407] = SUBJECTS;

export async function measureInProcess(say: (line: string) => void): Promise<InProcess> {
  const measured: InProcess = { alone: [], together: [] };
  for (const subject of SUBJECTS) {
    for (const profile of ["fast", "standard"] as const) {
      for (const state of STATES) {
        const runs: Flashed[] = [];
        for (let round = 0; round < ROUNDS; round += 1) {
          runs.push(await flashInProcess(subject, state, profile));
        }
        const ms = median(runs.map((run) => run.ms));
        const ratio = median(runs.map((run) => run.ms / run.leastMs));
        const cpuUs = await cpuPerTransfer(subject, state, profile);
        const { name, kib } = subject;
        measured.alone.push({ name, kib, profile, state, ms, ratio, cpuUs });
        say(
          `in process, ${name}, ${state} part, ${profile}: ${Math.round(ms)} ms, ${ratio.toFixed(3)} of the least, ${cpuUs.toFixed(0)} µs of CPU a transfer`,
        );
      }
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
  subject: Subject,
  state: PartState,
  profile: ProfileName,
): Promise<Flashed> {
  const clock = pcClock();
  const unit = freshUnit(subject, state, clock);
  const transcript = createTranscript();
  const plain = attachInProcess(unit, clock, { transferMs: TRANSFER_MS });
  const transport = recordTransport(plain, transcript, clock);
  const report = await flashUnit({ transport, clock, image: subject.image, profile });
  if (report.outcome !== "PASS" || report.linkIncident) {
    throw new MachineError(`in process: ${report.outcome} ${report.code ?? ""}`);
  }
  expectImage(unit, subject);
  return { ms: transcript.summary.ms, leastMs: leastOf(transcript, PROFILES[profile].gapMs) };
}

function leastOf(transcript: Transcript, gapMs: number): number {
  let least = 0;
  let idle = 0;
  for (const entry of transcript.entries) {
    if (entry.kind !== "transfer") continue;
    least += idle + entry.endMs - entry.startMs;
    const [, low = 0, middle = 0, high = 0, next] = entry.data;
    const { request, requestType } = entry.setup;
    const isBusy =
      request === DfuRequest.GetStatus && requestType === 0xa1 && next === DfuState.DnBusy;
    idle = Math.max(gapMs, isBusy ? low | (middle << 8) | (high << 16) : 0);
  }
  return least;
}

/** Time until the last of `count` units is done, all begun at once in one process. */
async function flashTogether(count: number): Promise<number> {
  const begun = performance.now();
  await Promise.all(Array.from({ length: count }, () => flashInProcess(F407, "used", "fast")));
  return performance.now() - begun;
}
