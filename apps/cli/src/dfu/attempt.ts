import { setTimeout as sleep } from "node:timers/promises";
import type { EngineCode, FlashReport, UnitIo } from "@flashline/dfu-core";
import { codeOfFault, ENGINE_CODES, NO_FIGURES } from "@flashline/dfu-core";
import { type DfuTransport, LinkError } from "@flashline/dfu-core/protocol";
import { type AttachedUnit, pcClock, type UnitSource } from "@flashline/usb-host";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { ExitCode } from "../exit.ts";
import { Refusal } from "../refusal.ts";
import { startCapture } from "./capture.ts";
import type { UnitOptions } from "./options.ts";
import { humanReporter, jsonReporter, type Reporter } from "./reporter.ts";
import { namingOthers, selectUnit, unitSource } from "./select.ts";
import { waitFor } from "./wait.ts";

const clock = pcClock();

/** An event's name and its other values. */
export interface SaidEvent {
  readonly event: string;
  readonly [key: string]: string;
}

export interface Attempt extends UnitIo {
  readonly signal: AbortSignal;
  readonly stop: AbortSignal;
  readonly unit: AttachedUnit;
  readonly reporter: Reporter;
  /** A line while no bar is drawn: a sentence for a person, where there is one, and an event for a program. */
  readonly say: (sentence: string | undefined, event: SaidEvent) => void;
  /** A line on the error output. */
  readonly warn: (sentence: string) => void;
}

/** The report of a unit that was not even opened: nothing was asked of it, nothing written. */
function unopened(code: EngineCode, detail: string, profile: string): FlashReport {
  const { blame, link } = ENGINE_CODES[code];
  return {
    outcome: "FAIL",
    code,
    blame,
    phase: "connect",
    detail,
    linkIncident: link,
    incidents: link ? [{ code, phase: "connect", atMs: 0, detail }] : [],
    profile,
    startProfile: profile,
    ...NO_FIGURES,
    ms: 0,
    phaseMs: {},
    touched: false,
    identity: { chip: "unknown", match: "none", evidence: [] },
  };
}

/** With every `usage.*` what can only be a wrong command for this unit; nothing was touched for it. */
const USAGE: ReadonlySet<string> = new Set([
  ...["options.value", "options.unknown", "options.not_shown"],
]);

/** A file that cannot go onto this unit is a wrong file, whether the file alone shows it or only the unit. */
const isWrongFile = ({ code, touched }: FlashReport) =>
  !touched && code?.startsWith("image.") === true;

/** Tells the outcome. Throws a Refusal, with `hint`, instead where the command could not be right for this unit. */
export function conclude(
  reporter: Reporter,
  report: FlashReport,
  summary: string,
  hint?: string,
): ExitCode {
  const { code, touched, detail = "" } = report;
  if (code !== undefined && !touched && (code.startsWith("usage.") || USAGE.has(code)))
    throw new Refusal(
      code,
      `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`,
      defined({ hint }),
    );
  reporter.finished(report, summary);
  if (report.outcome === "PASS") return ExitCode.Done;
  return isWrongFile(report) ? ExitCode.Usage : ExitCode.Fail;
}

/**
 * Finds the one unit, opens it, lets `work` run and closes it again. The first Ctrl-C or SIGTERM ends the work wherever it is; a
 * second one ends the process. SIGHUP, a terminal that closes, ends it only before the first erase.
 */
export async function runAttempt(
  console: Console,
  options: UnitOptions,
  work: (attempt: Attempt) => Promise<ExitCode>,
): Promise<ExitCode> {
  const source = unitSource(options);
  try {
    const unit = await waitFor(console, source, options, (units) =>
      selectUnit(units, options),
    ).catch(async (error: unknown) => {
      throw await namingOthers(error, options);
    });
    return await withTransport(console, source, unit, options, work);
  } finally {
    await source.close();
  }
}

const TOLD = "told to stop before the unit was opened";
/** For what the kernel does not give back at once; the end of the process closes it. */
const CLOSE_MS = 300;

/** Rejects with its reason when it is aborted, and else never settles. */
export const rejectedBy = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });

async function closed(transport: DfuTransport, stop: AbortSignal): Promise<void> {
  const closing = transport.close();
  await (stop.aborted ? Promise.race([closing, sleep(CLOSE_MS)]) : closing);
}

/** Not every source can call an opening back: nobody waits for it after a signal. */
async function opened(source: UnitSource, { portPath }: AttachedUnit, signal: AbortSignal) {
  const opening = source.open(portPath, signal);
  return await Promise.race([opening, rejectedBy(signal)]);
}

async function withTransport(
  console: Console,
  source: UnitSource,
  unit: AttachedUnit,
  options: UnitOptions,
  work: (attempt: Attempt) => Promise<ExitCode>,
): Promise<ExitCode> {
  const reporter = options.json
    ? jsonReporter(console.terminal, clock.now)
    : humanReporter(console.terminal, clock.now);
  const interrupt = console.onInterrupt({
    stop: "Stopping. Ctrl-C again ends at once.",
    hangUp: "Stopping if nothing was erased yet; a half-written unit does not start.",
  });
  const { write, writeError } = console.terminal;
  const say: Attempt["say"] = (sentence, event) => {
    if (options.json) write(`${JSON.stringify(event)}\n`);
    else if (sentence !== undefined) write(`${sentence}\n`);
  };
  const warn: Attempt["warn"] = (sentence) => writeError(`${sentence}\n`);
  const { signal, stop } = interrupt;
  const profile = options.profile ?? "standard";
  try {
    const capture = await startCapture(options.pcapng, unit, clock);
    try {
      const transport = capture.of(await opened(source, unit, signal));
      try {
        const { event: onEvent } = reporter;
        return await work({ unit, reporter, say, warn, transport, clock, signal, stop, onEvent });
      } finally {
        await closed(transport, stop);
      }
    } finally {
      await capture.save(console.terminal);
    }
  } catch (error) {
    if (signal.aborted && (error === signal.reason || error instanceof LinkError))
      reporter.finished(unopened("attempt.cancelled", TOLD, profile), "");
    else if (error instanceof LinkError)
      reporter.finished(unopened(codeOfFault(error.fault), error.message, profile), "");
    else throw error;
    return ExitCode.Fail;
  } finally {
    interrupt.release();
  }
}
