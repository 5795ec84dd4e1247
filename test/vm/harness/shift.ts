import { setTimeout as pause } from "node:timers/promises";
import type { NestView, StationPageView } from "@flashline/contract";
import { partByName, type VirtualUnit } from "@flashline/virtual-stm32";
import { createRandom } from "../../../packages/virtual-stm32/src/random.ts";
import { bringThrough, type Life } from "./hands.ts";

const LOOK_MS = 200;
/** A shift at which nothing at all has changed for so long has come to a stand, milliseconds. */
const STANDSTILL_MS = 900_000;
const LINES_SHOWN = 120;
const { base } = partByName("f407").flash;

export interface ShiftOptions {
  readonly seed: number;
  readonly units: readonly VirtualUnit[];
  readonly view: () => StationPageView | undefined;
  readonly tell: (action: string, body: Readonly<Record<string, string>>) => Promise<void>;
  /** What units hold before, and what they are to hold. */
  readonly held: Uint8Array;
  readonly image: Uint8Array;
}

/** Hands at every nest of a station, that flash as many units as they are told to. */
export interface Shift {
  /** Every unit that was begun. */
  readonly lives: readonly Life[];
  readonly passed: () => number;
  /** So many units are to have passed in all; more are not begun. */
  begin(wanted: number): void;
  /** For the story that a failure tells. */
  note(what: string): void;
  /** @throws RangeError with the story when nothing has changed for 15 minutes; with what stopped the hands when they stopped */
  when(what: string, isSo: () => boolean): Promise<void>;
  /** A nest is at work on its unit, or nothing is left to do, or something else is so. */
  atWork(orElse?: () => boolean): Promise<void>;
  /** So many more units have passed, or as many as are wanted, or something else is so. */
  more(units: number, orElse?: () => boolean): Promise<void>;
  /** Hands stop when no unit is in their nest. */
  end(): Promise<void>;
}

export function startShift(options: ShiftOptions): Shift {
  const { units, view, tell, image } = options;
  const random = createRandom(options.seed);
  const lives: Life[] = [];
  const story: string[] = [];
  const startedAt = performance.now();
  let changedAt = startedAt;
  let wanted = 0;
  let isOver = false;
  let failure: unknown;

  const note = (what: string): void => {
    changedAt = performance.now();
    story.push(`${((changedAt - startedAt) / 1000).toFixed(1)} s: ${what}`);
  };
  const passed = () => lives.filter((life) => life.passed).length;
  const mayBegin = () =>
    lives.filter((life) => life.passed || life.holdsImage === undefined).length < wanted;

  let scanner: Promise<unknown> = Promise.resolve();
  /** One scanner for all nests: the nest's barcode and the unit's are read without another label in between. */
  function scan(nest: string, serial: string): Promise<void> {
    const scanned = scanner.then(async () => {
      await tell("scan", { text: `FL-NEST-${nest}` });
      await tell("scan", { text: serial });
    });
    scanner = scanned;
    return scanned;
  }

  async function workAt(unit: VirtualUnit, nest: string): Promise<void> {
    for (; !isOver; await pause(LOOK_MS)) {
      if (!mayBegin()) continue;
      const number = String(lives.length + 1).padStart(6, "0");
      const life: Life = { serial: `MC2-${number}`, passed: false, failed: new Set() };
      lives.push(life);
      unit.replace({ serial: `FFFF${number}0${nest}` });
      unit.flash.load(base, options.held);
      const atNest = {
        nest,
        unit,
        tell,
        seen: (): NestView | undefined => view()?.nests.find(({ name }) => name === nest),
        scan: (serial: string) => scan(nest, serial),
        holdsImage: () =>
          Buffer.compare(unit.flash.snapshot().subarray(0, image.length), image) === 0,
        note: (what: string) => note(`nest ${nest}, ${life.serial}: ${what}`),
      };
      await bringThrough(atNest, life, random.fork(life.serial));
    }
  }
  const hands = Promise.all(units.map((unit, at) => workAt(unit, String(at + 1)))).catch(
    (error) => {
      failure = error;
    },
  );
  const stop = (why: string, cause?: unknown) =>
    new RangeError(`${why}\n${story.slice(-LINES_SHOWN).join("\n")}`, { cause });

  async function when(what: string, isSo: () => boolean): Promise<void> {
    note(`waiting until ${what}`);
    for (; !isSo(); await pause(LOOK_MS)) {
      if (failure !== undefined) throw stop("hands have stopped", failure);
      if (performance.now() - changedAt > STANDSTILL_MS) throw stop(`not so: ${what}`);
    }
  }
  return {
    lives,
    passed,
    note,
    when,
    begin(units) {
      wanted = units;
    },
    atWork: (orElse = () => false) =>
      when("a nest is at work", () => {
        const nests = view()?.nests ?? [];
        return nests.some(({ state }) => state === "busy") || passed() >= wanted || orElse();
      }),
    more(units, orElse = () => false) {
      const enough = Math.min(passed() + units, wanted);
      return when(`${enough} units have passed`, () => passed() >= enough || orElse());
    },
    async end() {
      isOver = true;
      await hands;
      if (failure !== undefined) throw stop("hands have stopped", failure);
    },
  };
}
