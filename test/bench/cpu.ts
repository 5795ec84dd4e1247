import { flashUnit, type ProfileName } from "@flashline/dfu-core";
import { createTranscript, recordTransport, type Transcript } from "@flashline/dfu-core/transcript";
import { attachInProcess, VirtualClock } from "@flashline/virtual-stm32";
import { median } from "./figures.ts";
import { expectImage, freshUnit, type PartState, type Subject } from "./subject.ts";

const ROUNDS = 5;

/**
 * Microseconds of CPU that engine and transport take for one transfer: of a run on a virtual clock, in which nobody waits, without
 * what the virtual unit takes for the same transfers. The first runs, in which the compiler is at work, are left out.
 */
export async function cpuPerTransfer(
  subject: Subject,
  state: PartState,
  profile: ProfileName,
): Promise<number> {
  const transcript = createTranscript();
  await flashOnce(subject, state, profile, transcript);
  const { transfers } = transcript.summary;
  const differences: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const all = await cpuOf(() => flashOnce(subject, state, profile));
    const unitAlone = await cpuOf(() => playAlone(subject, state, transcript));
    if (round > 0) differences.push(all - unitAlone);
  }
  return median(differences) / transfers;
}

async function flashOnce(
  subject: Subject,
  state: PartState,
  profile: ProfileName,
  transcript?: Transcript,
): Promise<void> {
  const clock = new VirtualClock();
  const unit = freshUnit(subject, state, clock);
  const plain = attachInProcess(unit, clock);
  const transport = transcript === undefined ? plain : recordTransport(plain, transcript, clock);
  await flashUnit({ transport, clock, image: subject.image, profile });
  expectImage(unit, subject);
}

/** The same transfers at the same times, straight to a fresh unit. */
function playAlone(subject: Subject, state: PartState, { entries }: Transcript) {
  const clock = new VirtualClock();
  const unit = freshUnit(subject, state, clock);
  unit.configure();
  for (const entry of entries) {
    if (entry.kind !== "transfer") continue;
    clock.advance(entry.endMs - clock.now());
    unit.handleControl(entry.setup, entry.setup.requestType < 0x80 ? entry.data : undefined);
  }
  expectImage(unit, subject);
}

async function cpuOf(work: () => Promise<void> | void): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
