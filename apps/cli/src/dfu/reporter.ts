import {
  type ChipIdentity,
  type EngineEvent,
  type FlashPlan,
  type FlashReport,
  figuresOf,
  type LeftWith,
  type Phase,
} from "@flashline/dfu-core";
import { Blame } from "@flashline/dfu-core/codes";
import { defined } from "../defined.ts";
import { deskAction, deskMeaning } from "../desk-words.ts";
import { type Bar, createBar } from "../terminal/bar.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { hex32, plural, sizeText, timeText } from "../terminal/units.ts";
import { wrap } from "../terminal/wrap.ts";
import { chipText } from "./describe.ts";
import { planText } from "./plan-text.ts";

/** What an attempt shows while it runs and when it is over: lines of JSON for a program, calm text for a person. */
export interface Reporter {
  readonly event: (event: EngineEvent) => void;
  readonly finished: (report: FlashReport, summary: string) => void;
  readonly planned: (plan: FlashPlan, identity: ChipIdentity) => void;
}

/** The last line of an attempt; these keys are fixed. A failure adds where and why. */
function finishedEvent(report: FlashReport): Record<string, unknown> {
  const { outcome, linkIncident, profile, leftWith } = report;
  return {
    event: "finished",
    outcome,
    code: report.code ?? null,
    blame: report.blame ?? null,
    linkIncident,
    ms: Math.round(report.ms),
    ...figuresOf(report),
    profile,
    ...(outcome === "PASS"
      ? {}
      : {
          phase: report.phase ?? null,
          address: report.address ?? null,
          detail: report.detail ?? null,
          ...defined({ leftWith }),
        }),
  };
}

/** The engine's own object knows more than a reader needs. */
export const identityOf = ({ chip, match, evidence }: ChipIdentity): ChipIdentity => ({
  chip,
  match,
  evidence,
});

/** A person cannot read faster, and a slow pipe would delay the transfers. */
const PROGRESS_MS = 100;

export function jsonReporter(terminal: Terminal, now: () => number): Reporter {
  const line = (value: object) => terminal.write(`${JSON.stringify(value)}\n`);
  let phase = "";
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    event: (event) => {
      if (event.event === "progress") {
        if (event.phase === phase && now() - shownAt < PROGRESS_MS) return;
        phase = event.phase;
        shownAt = now();
      }
      if (event.event !== "finished" && event.event !== "planned") line(event);
      if (event.event === "planned")
        line({ event: "plan", identity: identityOf(event.identity), plan: event.plan });
    },
    finished: (report) => line(finishedEvent(report)),
    planned: (plan, identity) => line({ event: "planned", identity: identityOf(identity), plan }),
  };
}

const PHASE_TEXT: Readonly<Record<Phase, string>> = {
  connect: "Connecting",
  read: "Reading",
  compare: "Comparing",
  erase: "Erasing",
  write: "Writing",
  verify: "Verifying",
  seal: "Writing the first bytes, last of all",
  options: "Option bytes",
  protection: "Read protection",
  leave: "Starting the application",
};

const DURING: Readonly<Record<Phase, string>> = {
  connect: "while connecting",
  read: "while reading",
  compare: "while comparing",
  erase: "while erasing",
  write: "while writing",
  verify: "while verifying",
  seal: "while writing the first bytes",
  options: "at the option bytes",
  protection: "at the read protection",
  leave: "while starting the application",
};

export function humanReporter(terminal: Terminal, now: () => number): Reporter {
  const bar = createBar(terminal, now);
  const { style } = terminal;
  let phase = "";
  let plan: FlashPlan | undefined;
  const line = (text: string) => {
    bar.clear();
    terminal.write(`${terminal.interactive ? wrap(text, terminal.columns) : text}\n`);
  };
  return {
    event(event) {
      switch (event.event) {
        case "planned":
          plan = event.plan;
          line(style.dim(chipText(event.identity)));
          for (const warning of event.plan.warnings) line(style.warn(`Note: ${warning}`));
          return;
        case "progress":
          if (event.phase !== phase && !terminal.interactive) {
            line(PHASE_TEXT[event.phase]);
          }
          phase = event.phase;
          drawProgress(bar, event);
          return;
        case "incident": {
          const at = event.address === undefined ? "" : ` at ${hex32(event.address)}`;
          line(style.warn(`! ${event.code} ${DURING[event.phase]}${at}: ${event.detail}`));
          return;
        }
        case "profile":
          line(style.warn(`! going on with profile ${event.to} ${reasonText(event.cause)}`));
          return;
        case "blocks": {
          const blocks = event.to === undefined ? "full blocks" : `blocks of ${event.to} bytes`;
          line(style.warn(`! going on with ${blocks} ${reasonText(event.cause)}`));
          return;
        }
        case "power-cycle":
          line(
            style.bold(
              `Unplug the unit and plug it in again, within ${timeText(event.deadlineMs)}.`,
            ),
          );
          return;
        // The incident says it in one line when it is over.
        case "recovering":
        case "recovered":
        case "started":
        case "finished":
          return;
      }
    },
    finished(report, summary) {
      line(
        report.outcome === "PASS"
          ? passText(terminal, report, summary)
          : failText(terminal, report),
      );
      const lost = plan === undefined ? "" : lostText(plan, report);
      if (lost !== "") line(style.warn(`Note: ${lost}`));
    },
    planned: (planned, identity) => line(planText(planned, identity)),
  };
}

/** Why a step was taken: a failure made it gentler, a clean stretch made it faster. */
const reasonText = (cause: string | undefined): string =>
  cause === undefined ? "again: nothing failed for a while" : `because of ${cause}`;

function drawProgress(bar: Bar, event: Extract<EngineEvent, { event: "progress" }>): void {
  const done = `${sizeText(event.doneBytes)} of ${sizeText(event.totalBytes)}`;
  const { remainingMs = 0 } = event;
  const left = remainingMs > 0 ? `, ${timeText(remainingMs)} left` : "";
  bar.draw(event.fraction, `${PHASE_TEXT[event.phase]} ${done}${left}`);
}

function passText({ style }: Terminal, report: FlashReport, summary: string): string {
  const { erasedSectors: erased, skippedSectors: kept } = report;
  const sectors =
    erased === 0
      ? ""
      : `, ${plural(erased, "sector")} erased${kept === 0 ? "" : `, ${kept} needed no erase`}`;
  const profile =
    report.profile === report.startProfile
      ? ""
      : style.warn(` It took profile ${report.profile}; the link is not healthy.`);
  const done = `${summary} in ${timeText(report.ms)}${sectors}.`;
  return `${style.good(style.bold("PASS"))}  ${done}${profile}`;
}

const cureCommand = (cure: Readonly<Record<string, string>>): string => {
  const sets = Object.entries(cure).map(([name, value]) => `--set ${name}=${value}`);
  return `To clear it: flashline dfu options ${sets.join(" ")} --yes-i-mean write-protection`;
};

function nextText({ leftWith, cure }: FlashReport, code: string): string {
  if (leftWith !== undefined) return NEXT[leftWith];
  return cure === undefined ? deskAction(code) : cureCommand(cure);
}

function failText(terminal: Terminal, report: FlashReport): string {
  const { style } = terminal;
  const code = report.code ?? "internal.bug";
  const action = nextText(report, code);
  const where = [
    duringText(report),
    report.address === undefined ? "" : ` at ${hex32(report.address)}`,
  ].join("");
  return [
    `${style.bad(style.bold("FAIL"))}  ${code}${where}${report.blame === undefined ? "" : ` (${report.blame})`}`,
    `      ${deskMeaning(code)}`,
    ...(report.detail === undefined ? [] : [style.dim(`      ${report.detail}`)]),
    ...(action === "" ? [] : [`      ${style.bold(action)}`]),
    ...holdsText(terminal, report),
  ].join("\n");
}

const AGAIN = "Flash the unit again.";

/** What is next after a stop. */
const NEXT: Readonly<Record<LeftWith, string>> = {
  untouched: "",
  erased: AGAIN,
  half_written: AGAIN,
  unproven: AGAIN,
  whole: "",
  options: "Write the option bytes again.",
};

/** What a unit is left with after a stop. The meaning of `attempt.cancelled` says that it is untouched. */
const HOLDS: Readonly<Record<LeftWith, string>> = {
  untouched: "",
  erased: "The unit is erased, at least in part: it will not start.",
  half_written: "The unit is half-written: it will not start.",
  unproven:
    "The unit is written, at least in part, and not verified: it may start, and must not be used.",
  whole: "The unit holds the whole image, read back. It may not have been started.",
  options: "What was to be changed may be changed in part.",
};

/** What the flash holds now, where that is worth a word. */
function holdsText(
  { style }: Terminal,
  { phase, bytes, touched, code, erasedSectors, leftWith }: FlashReport,
): readonly string[] {
  if (leftWith !== undefined) {
    const words = HOLDS[leftWith];
    return words === "" ? [] : [style.warn(`      ${words}`)];
  }
  if (phase === "leave") {
    // What fails in its start was verified and sealed before.
    return bytes === 0
      ? []
      : [`      The flash holds all ${sizeText(bytes)}, read back before the start.`];
  }
  // A unit that is proven protected refuses each erase.
  const refused = code === "protection.read" && erasedSectors === 0;
  if (!touched || refused) return [];
  return [style.warn("      What the flash holds is not whole. Flash the unit before it is used.")];
}

/** Where in the attempt; nothing while not even a transfer was made and the link is not to blame. */
const duringText = ({ phase, transfers, blame }: FlashReport): string =>
  phase === undefined || (phase === "connect" && transfers === 0 && blame !== Blame.Host)
    ? ""
    : ` ${DURING[phase]}`;

/** What happened to the content beside the image. It is known only at the end; empty where nothing was lost. */
function lostText(plan: FlashPlan, { erasedRemainder: bytes }: FlashReport): string {
  if (plan.remainder !== "discard" || bytes === 0) return "";
  return `${sizeText(bytes)} beside the image were erased with their sectors, and not restored.`;
}
