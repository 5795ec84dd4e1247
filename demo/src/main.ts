import { plugIn } from "./line/operator.ts";
import { type DemoOptions, HELP, isShift, readOptions } from "./options.ts";
import { createVoice, type Voice } from "./say.ts";
import { SHIFT_LINE, scriptedLine } from "./setup/place.ts";
import { type FirmwareFile, firmwareFile } from "./setup/release.ts";
import { type DemoUnit, leftUnits, plainUnits, scriptedUnits, shiftUnits } from "./setup/units.ts";
import { playShift } from "./shift/long.ts";
import { asPlanned, playOnce } from "./shift/once.ts";
import { seededRandom } from "./shift/random.ts";
import { type Backstage, openBackstage, type Stage, setStage } from "./stage.ts";
import { BAD_PC, repairedPc, STORY_LINE } from "./story/line.ts";
import { playStory } from "./story/play.ts";

const SEED = 2631;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const options = readOptions(process.argv.slice(2));
if (typeof options === "string") {
  process.stderr.write(`${options}\n\n${HELP}`);
  process.exitCode = 2;
} else if (options.help) {
  process.stdout.write(HELP);
} else {
  // What Ctrl-C broke off may still wait for something; its processes have ended.
  process.exit(await demo(options));
}

async function demo(options: DemoOptions): Promise<number> {
  const voice = createVoice(options.json);
  const stop = new AbortController();
  for (const signal of SIGNALS) process.on(signal, () => stop.abort());
  const backstage = await openBackstage();
  try {
    // What is under way when Ctrl-C comes is left where it is: its processes are ended below.
    const ended = new Promise<number>((resolve) => {
      // A shift has no other end than Ctrl-C; a scripted one was broken off.
      stop.signal.addEventListener("abort", () => resolve(isShift(options) ? 0 : 130), {
        once: true,
      });
    });
    const firmware = await firmwareFile(options.firmware);
    const played = options.once
      ? once(backstage, voice, options, firmware, stop.signal)
      : options.story
        ? story(backstage, voice, options, firmware, stop.signal)
        : shift(backstage, voice, options, firmware, stop.signal);
    played.catch(() => undefined);
    return await Promise.race([played, ended]);
  } catch (error) {
    if (!stop.signal.aborted) voice.line(error instanceof Error ? error.message : String(error));
    if (options.json && options.once) voice.result(nothingKnown(options.units));
    if (options.json && options.story) voice.result({ asTold: false });
    return 1;
  } finally {
    voice.line("Ending every process …");
    await backstage.strike();
    voice.close();
  }
}

/** The line of a run that broke off: what happened to the units was not asked. */
function nothingKnown(units: number) {
  return { units, passed: 0, failed: 0, unknown: units };
}

async function once(
  backstage: Backstage,
  voice: Voice,
  options: DemoOptions,
  firmware: FirmwareFile,
  signal: AbortSignal,
): Promise<number> {
  const began = performance.now();
  const units = scriptedUnits(options.units, firmware);
  const stage = await setStage(backstage, voice, options, {
    pcs: scriptedLine(options.units),
    units,
    firmware,
  });
  const figures = await playOnce(stage, voice, units, signal);
  for (const surprise of figures.surprises) voice.line(`Not as planned: ${surprise}`);
  const planned = asPlanned(figures);
  const { surprises, ...counts } = figures;
  const seconds = Number(((performance.now() - began) / 1000).toFixed(1));
  if (options.json)
    voice.result({ ...counts, asPlanned: planned, surprises: surprises.length, seconds });
  else
    voice.line(
      `${counts.units} units: ${counts.passed} passed (${counts.recovered} after recovery), ${counts.failed} failed, ${counts.unknown} unknown.`,
    );
  return planned ? 0 : 1;
}

async function story(
  backstage: Backstage,
  voice: Voice,
  options: DemoOptions,
  firmware: FirmwareFile,
  signal: AbortSignal,
): Promise<number> {
  const units = plainUnits(options.units);
  const stage = await setStage(backstage, voice, options, { pcs: STORY_LINE, units, firmware });
  const addHub = async (): Promise<void> => {
    const line = stage.lines.find(({ pc }) => pc.name === BAD_PC);
    await line?.ports.rewire(repairedPc(line.pc));
  };
  const told = await playStory(stage, voice, units, addHub, signal);
  if (options.json) voice.result(told);
  return told.asTold ? 0 : 1;
}

async function shift(
  backstage: Backstage,
  voice: Voice,
  options: DemoOptions,
  firmware: FirmwareFile,
  signal: AbortSignal,
): Promise<number> {
  const random = seededRandom(SEED);
  const units = shiftUnits(options.units, firmware, random);
  const left = leftUnits();
  const stage = await setStage(backstage, voice, options, {
    pcs: SHIFT_LINE,
    units: [...units, ...left],
    firmware,
  });
  introduce(stage, voice, options);
  await playShift(stage, voice, units, random, signal);
  if (!signal.aborted) await handOver(stage, voice, left);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  return 0;
}

/** Puts a unit into a nest of each station, so that whoever watched can flash one. */
async function handOver(stage: Stage, voice: Voice, left: readonly DemoUnit[]): Promise<void> {
  voice.line("The shift is over. The pages stay up until Ctrl-C.");
  for (const [index, { serial, faults }] of left.entries()) {
    const line = stage.lines[index];
    const [workplace] = line?.workplaces ?? [];
    if (line === undefined || workplace === undefined) continue;
    await plugIn(workplace, faults);
    voice.line(
      `Your turn: at ${line.url} type ${serial} and Enter, as a scanner would, and press START.`,
    );
  }
}

function introduce(stage: Stage, voice: Voice, options: DemoOptions): void {
  const { url, logins, lines } = stage;
  voice.line("");
  voice.line(`Dashboard   ${url}`);
  for (const { name, password, role } of logins)
    voice.line(`            log in as ${name.padEnd(6)} password ${password}   (${role})`);
  for (const line of lines) voice.line(`Station ${line.pc.name}  ${line.url}`);
  voice.line(`API         ${url}/docs`);
  voice.line("");
  voice.line(
    `${options.units} virtual units at ${options.speed} times real speed; one of the line PCs has a bad USB controller. Ctrl-C ends everything.`,
  );
  voice.line("");
}
