import { setTimeout as pause } from "node:timers/promises";
import type { NestView } from "@flashline/contract";
import type { VirtualUnit } from "@flashline/virtual-stm32";
import type { Random } from "../../../packages/virtual-stm32/src/random.ts";

const LOOK_MS = 200;
/** How long a port stays empty before it gets a unit, milliseconds: the agent wants 1.5 s. */
const EMPTY_MS = 2_500;
/** Until a scan that did nothing is made again, milliseconds. */
const SCAN_AGAIN_MS = 10_000;
/** A nest that took no scan for so long gets its unit anew: after a crash it wants to be empty once, milliseconds. */
const SCANS_MS = 25_000;
/** The same where it has not changed for so long and nothing is at work, milliseconds. */
const PATIENCE_MS = 120_000;
/** An attempt with the test's image takes more control transfers. */
const TRANSFERS = 80;
/** What hands have taken out and put back so often, and what still does not go on, is stuck. */
const MOST_RESEATS = 8;
/** What only the server's return ends. */
const WAITS = /^(agent\.offline|grant\.)/;
const PULLED_BEFORE_START = 0.1;
const PULLED_IN_WORK = 0.5;
const SET_ASIDE = 0.2;

/** What became of one unit. */
export interface Life {
  readonly serial: string;
  /** The nest has shown its PASS, or that it has passed. */
  passed: boolean;
  /** Codes of the FAILs that the nest has shown. */
  readonly failed: Set<string>;
  /** Looked at in its flash when it left the nest for good; undefined while it is there. */
  holdsImage?: boolean;
}

/** One nest, as hands have it before them. */
export interface HandsAtNest {
  readonly nest: string;
  readonly unit: VirtualUnit;
  /** Undefined while the page is away. */
  readonly seen: () => NestView | undefined;
  readonly tell: (action: string, body: Readonly<Record<string, string>>) => Promise<void>;
  readonly scan: (serial: string) => Promise<void>;
  readonly holdsImage: () => boolean;
  readonly note: (what: string) => void;
}

/** What happens to a unit besides its work. */
interface Fate {
  readonly pull:
    | { readonly kind: "none" | "before-start" }
    /** Put back as soon as the page has seen it, or only when the unit has its outcome. */
    | { readonly kind: "in-work"; readonly transfers: number; readonly back: "soon" | "late" };
  /** Nobody tries it again after a FAIL. */
  readonly setsAside: boolean;
}

function fateOf(random: Random): Fate {
  const setsAside = random.chance(SET_ASIDE);
  const dice = random.next();
  const transfers = 1 + random.integer(TRANSFERS);
  const back = random.chance(0.5) ? "soon" : "late";
  if (dice < PULLED_BEFORE_START) return { pull: { kind: "before-start" }, setsAside };
  return dice < PULLED_BEFORE_START + PULLED_IN_WORK
    ? { pull: { kind: "in-work", transfers, back }, setsAside }
    : { pull: { kind: "none" }, setsAside };
}

/**
 * Brings the unit that is in the nest to its PASS, or sets it aside after a FAIL, and takes it out. What hands do follows from what the nest shows, however
 * long that takes; what else happens to the unit follows from `random`.
 */
export async function bringThrough(hands: HandsAtNest, life: Life, random: Random): Promise<void> {
  const { nest, unit, note, seen, tell } = hands;
  const { setsAside, ...fate } = fateOf(random);
  let { pull } = fate;
  /** It is out of its nest in mid-work. */
  let pulled: "soon" | "late" | undefined;
  let ignore: () => unknown = () => undefined;
  let scannedAt = Number.NEGATIVE_INFINITY;
  let shown = { what: "", at: 0 };
  let reseats = 0;
  const hasShownFor = (ms: number): boolean => performance.now() - shown.at > ms;

  const putIn = (): void => {
    pulled = undefined;
    unit.unplug();
    unit.plug();
    scannedAt = Number.NEGATIVE_INFINITY;
  };
  const reseat = async (why: string): Promise<void> => {
    reseats += 1;
    if (reseats > MOST_RESEATS) throw new RangeError(`nest ${nest}, ${life.serial}: ${why}`);
    note(`taken out and put back: ${why}`);
    unit.unplug();
    await untilFree(hands);
    putIn();
    shown = { what: "", at: performance.now() };
  };
  /** Pulls the unit out when it has answered so many transfers more. */
  const pullAfter = (transfers: number, back: "soon" | "late") => {
    let left = transfers;
    return unit.onTransfer(() => {
      left -= 1;
      if (left !== 0) return;
      pull = { kind: "none" };
      pulled = back;
      note(`pulled out after ${transfers} transfers`);
      setImmediate(() => unit.unplug());
    });
  };
  const start = async (): Promise<void> => {
    ignore();
    if (pull.kind === "in-work") ignore = pullAfter(pull.transfers, pull.back);
    await tell("start", { nest });
  };
  const scan = async (): Promise<void> => {
    if (performance.now() - scannedAt < SCAN_AGAIN_MS) return;
    scannedAt = performance.now();
    await hands.scan(life.serial);
  };

  /** True when the unit is done. */
  async function act(now: NestView): Promise<boolean> {
    switch (now.state) {
      case "empty":
        if (unit.mode !== "bootloader") putIn();
        else if (hasShownFor(PATIENCE_MS)) await reseat("the nest shows no unit");
        return false;
      case "present":
        if (now.serial !== null) return false;
        if (hasShownFor(SCANS_MS)) await reseat("the nest takes no scan");
        else await scan();
        return false;
      case "ready":
        if (pull.kind === "before-start") {
          pull = { kind: "none" };
          await reseat("before START");
        } else await start();
        return false;
      case "busy":
        if (pulled !== "soon" || now.trouble === null) return false;
        note("put back in mid-work");
        putIn();
        return false;
      case "pass":
        life.passed ||= now.serial === life.serial;
        return life.passed;
      case "fail":
        // After a crash a nest may show once more what hands have seen of the unit before.
        if (now.serial === life.serial) {
          life.failed.add(now.refusal.code);
          if (setsAside) return true;
        }
        if (unit.mode !== "bootloader") putIn();
        await tell("acknowledge", { nest });
        return false;
      case "refused":
        life.passed ||= now.refusal.code === "preflight.already_passed";
        if (hasShownFor(PATIENCE_MS) && !WAITS.test(now.refusal.code))
          await reseat(now.refusal.code);
        return life.passed || now.refusal.code === "preflight.retest_limit";
      case "starting":
        return false;
      default:
        throw new RangeError(`nest ${nest} is ${JSON.stringify(now)}`);
    }
  }

  for (;;) {
    await pause(LOOK_MS);
    const now = seen();
    const what = now === undefined ? "the page is away" : inWords(now);
    if (what !== shown.what) {
      note(what);
      shown = { what, at: performance.now() };
    }
    if (now !== undefined && (await act(now))) break;
  }
  ignore();
  unit.unplug();
  life.holdsImage = hands.holdsImage();
  note(life.passed ? "has passed" : "is set aside");
  await untilFree(hands);
}

/** The page has seen that the port is empty, and the nest takes another unit. */
async function untilFree({ nest, seen, tell }: HandsAtNest): Promise<void> {
  for (let now = seen(); now?.state !== "empty"; now = seen()) {
    if (now?.state === "pass" || now?.state === "fail") await tell("acknowledge", { nest });
    await pause(LOOK_MS);
  }
  await pause(EMPTY_MS);
}

function inWords(nest: NestView): string {
  if (nest.state === "refused" || nest.state === "fail")
    return `${nest.state} ${nest.refusal.code}`;
  if (nest.state === "present") return nest.serial === null ? "present" : "the server is asked";
  if (nest.state !== "busy") return nest.state;
  return `busy: ${nest.progress?.phase ?? "about to begin"} ${nest.trouble?.kind ?? ""}`.trimEnd();
}
