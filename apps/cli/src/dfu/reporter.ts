import { describeCode } from "@flashline/contract";
import type { ChipIdentity, EngineEvent, FlashPlan, FlashReport } from "@flashline/dfu-core";
import { type Bar, createBar } from "../terminal/bar.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { hex32, plural, sizeText, timeText } from "../terminal/units.ts";
import { planText } from "./plan-text.ts";

/** What an attempt shows while it runs and when it is over: lines of JSON for a program, calm text for a person. */
export interface Reporter {
  readonly event: (event: EngineEvent) => void;
  readonly finished: (report: FlashReport, summary: string) => void;
  readonly planned: (plan: FlashPlan, identity: ChipIdentity) => void;
}

/** The last line of an attempt; these keys are fixed. A failure adds where and why. */
function finishedEvent(report: FlashReport): Record<string, unknown> {
  const { outcome, linkIncident, bytes, erasedSectors, skippedSectors, profile } = report;
  return {
    event: "finished",
    outcome,
    code: report.code ?? null,
    blame: report.blame ?? null,
    linkIncident,
    bytes,
    ms: Math.round(report.ms),
    erasedSectors,
    skippedSectors,
    profile,
    ...(outcome === "PASS"
      ? {}
      : {
          phase: report.phase ?? null,
          address: report.address ?? null,
          detail: report.detail ?? null,
        }),
  };
}

/** The engine's own object knows more than a reader needs. */
export const identityOf = ({ chip, match, evidence }: ChipIdentity): ChipIdentity => ({
  chip,
  match,
  evidence,
});

/** Nobody reads faster, and a slow pipe would hold the transfers up. */
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

const PHASE_TEXT: Readonly<Record<string, string>> = {
  connect: "Connecting",
  compare: "Comparing",
  erase: "Erasing",
  write: "Writing",
  verify: "Verifying",
  seal: "Sealing",
  options: "Option bytes",
  protection: "Read protection",
  leave: "Leaving",
};

export function humanReporter(terminal: Terminal, now: () => number): Reporter {
  const bar = createBar(terminal, now);
  const { style } = terminal;
  let phase = "";
  const line = (text: string) => {
    bar.clear();
    terminal.write(`${text}\n`);
  };
  return {
    event(event) {
      switch (event.event) {
        case "planned":
          line(style.dim(`${event.identity.chip} (${event.identity.match} matched)`));
          for (const warning of event.plan.warnings) line(style.warn(`Note: ${warning}`));
          return;
        case "progress":
          if (event.phase !== phase && !terminal.interactive) {
            line(PHASE_TEXT[event.phase] ?? event.phase);
          }
          phase = event.phase;
          drawProgress(bar, event);
          return;
        case "incident": {
          const at = event.address === undefined ? "" : ` at ${hex32(event.address)}`;
          line(style.warn(`! ${event.code} while ${event.phase}${at}: ${event.detail}`));
          return;
        }
        case "profile":
          line(style.warn(`! going on with profile ${event.to} because of ${event.cause}`));
          return;
        case "power-cycle":
          line(
            style.bold(
              `Unplug the unit and plug it in again, within ${timeText(event.deadlineMs)}.`,
            ),
          );
          return;
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
    },
    planned: (plan, identity) => line(planText(plan, identity)),
  };
}

function drawProgress(bar: Bar, event: Extract<EngineEvent, { event: "progress" }>): void {
  const done = `${sizeText(event.doneBytes)} of ${sizeText(event.totalBytes)}`;
  const left = event.remainingMs > 0 ? `, ${timeText(event.remainingMs)} left` : "";
  bar.draw(event.fraction, `${PHASE_TEXT[event.phase] ?? event.phase} ${done}${left}`);
}

function passText({ style }: Terminal, report: FlashReport, summary: string): string {
  const sectors =
    report.erasedSectors + report.skippedSectors === 0
      ? ""
      : `, ${plural(report.erasedSectors, "sector")} erased, ${report.skippedSectors} left as they were`;
  const profile =
    report.profile === report.startProfile
      ? ""
      : style.warn(` It took profile ${report.profile}; the link is not healthy.`);
  const done = `${summary} in ${timeText(report.ms)}${sectors}.`;
  return `${style.good(style.bold("PASS"))}  ${done}${profile}`;
}

function failText({ style }: Terminal, report: FlashReport): string {
  const code = report.code ?? "internal.bug";
  const { meaning, action, blame } = describeCode(code);
  const where = [
    report.phase === undefined ? "" : ` while ${report.phase}`,
    report.address === undefined ? "" : ` at ${hex32(report.address)}`,
  ].join("");
  return [
    `${style.bad(style.bold("FAIL"))}  ${code}${where} (${report.blame ?? blame})`,
    `      ${meaning}`,
    ...(report.detail === undefined ? [] : [style.dim(`      ${report.detail}`)]),
    `      ${style.bold(action)}`,
    ...(report.touched
      ? [style.warn("      The unit is half written. It must be flashed again before it is used.")]
      : []),
  ].join("\n");
}
