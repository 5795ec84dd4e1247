import type { FlashReport } from "@flashline/dfu-core";
import { afterLook, pcClock, seeOnPort, type UnitSource } from "@flashline/usb-host";
import { type Command, Option } from "commander";
import { positive } from "../arguments.ts";
import { Refusal } from "../refusal.ts";
import { type Attempt, rejectedBy } from "./attempt.ts";
import { checkExpectation, type Expected, expectation } from "./expect.ts";
import type { UnitOptions } from "./options.ts";
import { unitSource } from "./select.ts";

export interface ExpectOptions {
  readonly expect?: Expected;
  /** Seconds; DEFAULT_WITHIN when not given. */
  readonly within?: number;
}

const DEFAULT_WITHIN = 10;

export function withExpectOptions(command: Command): Command {
  return command
    .option(
      "--expect <what>",
      "what the port must show after leave: dfu-gone, or the application's VID:PID",
      expectation,
    )
    .addOption(
      new Option(
        "--within <seconds>",
        `with --expect: how long that may take (default: ${DEFAULT_WITHIN})`,
      ).argParser(positive),
    );
}

/** Before any unit is touched. */
export function checkExpectOptions(options: ExpectOptions & UnitOptions): void {
  if (options.expect !== undefined) checkExpectation(options.expect, options);
  else if (options.within !== undefined)
    throw new Refusal("usage.argument", "--within says how long --expect may take; say both.");
}

export interface AfterLeave {
  readonly report: FlashReport;
  /** What is known of the start, and no more. */
  readonly summary: string;
}

/** Looks at the port of a unit that leave was sent to. Without an expectation nothing that it shows is a failure. */
export async function afterLeave(
  { unit, say, stop }: Attempt,
  report: FlashReport,
  options: ExpectOptions & UnitOptions,
): Promise<AfterLeave> {
  const sent = "leave was sent";
  if (report.outcome !== "PASS") return { report, summary: sent };
  const { expect, within = DEFAULT_WITHIN } = options;
  const source = unitSource(options);
  try {
    if (expect === undefined) {
      const shown = await bootloaderSeen(source, unit);
      say(undefined, { event: "left", bootloader: shown ?? "not seen" });
      return { report, summary: shown === undefined ? sent : `${sent}, but ${SHOWN[shown]},` };
    }
    const { portPath } = unit;
    const found = await Promise.race([
      seeOnPort(source, expect, portPath, within * 1000, pcClock()),
      whenStopped(stop),
    ]);
    if (found === STOPPED) return { report: stoppedLooking(report), summary: sent };
    if (found.kind !== "seen") return { report: afterLook(report, found), summary: sent };
    const seen = expect.kind === "dfu-gone" ? "the bootloader is gone" : "the application is there";
    return { report, summary: `${sent} and ${seen},` };
  } finally {
    await source.close();
  }
}

const STOPPED: unique symbol = Symbol("stopped");
const whenStopped = (stop: AbortSignal): Promise<typeof STOPPED> =>
  rejectedBy(stop).catch(() => STOPPED);

const stoppedLooking = ({ blame: _, ...report }: FlashReport): FlashReport => ({
  ...report,
  outcome: "FAIL",
  code: "attempt.interrupted",
  phase: "leave",
  leftWith: "whole",
  detail: "told to stop before the port showed what was expected",
});

const LOOK_MS = 1000;
const LOOK_EVERY_MS = 100;

const SHOWN = {
  again: "the unit is in its bootloader again",
  still: "the unit is in its bootloader still",
} as const;

/** A short look: a chip that finds nothing to start is back in its bootloader soon. Undefined where none was seen. */
async function bootloaderSeen(
  source: UnitSource,
  { portPath, deviceNumber }: Attempt["unit"],
): Promise<keyof typeof SHOWN | undefined> {
  const clock = pcClock();
  const begun = clock.now();
  let wasAway = false;
  for (;;) {
    const units = await source.list().catch(() => undefined);
    const there = units?.find((unit) => unit.portPath === portPath);
    if (units !== undefined && there === undefined) wasAway = true;
    if (there !== undefined && (wasAway || there.deviceNumber !== deviceNumber)) return "again";
    if (clock.now() - begun >= LOOK_MS) return there === undefined ? undefined : "still";
    await clock.sleep(LOOK_EVERY_MS);
  }
}
