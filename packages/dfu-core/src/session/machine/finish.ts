import { ENGINE_CODES } from "../../codes.ts";
import { diagnose } from "../../diagnosis/index.ts";
import { DfuError } from "../../errors.ts";
import type { FlashReport, LeftWith } from "./report.ts";
import { emit, enterPhase, hasLinkIncident, incident, type Run, step, type Work } from "./run.ts";

/** Runs the body, turns whatever it throws into a report, and tells the listener once. */
export function* finish(run: Run, announce: boolean, body: () => Work<void>): Work<FlashReport> {
  let failure: DfuError | undefined;
  try {
    yield* step(run, { kind: "wait", ms: 0 });
    run.clock.startedAt = run.clock.now;
    run.clock.phaseSince = run.clock.now;
    run.clock.lastTransferAt = run.clock.now;
    yield* body();
  } catch (error) {
    failure = truly(run, diagnose(failureFrom(error), run.tally.incidents));
  }
  if (failure !== undefined && ENGINE_CODES[failure.code].link) {
    yield* incident(run, failure.code, failure.message, failure.address);
  }
  const report = reportOf(run, failure);
  if (announce) yield* emit(run, { event: "finished", ...report });
  return report;
}

/** Anything that is not one of ours is a bug; its stack goes with it as `cause`. */
function failureFrom(error: unknown): DfuError {
  if (error instanceof DfuError) return error;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new DfuError("internal.bug", text, { cause: error });
}

/** Past its commit a machine may have touched nothing yet. What writes option bytes and one-time memory is not counted as a touch. */
function truly(run: Run, failure: DfuError): DfuError {
  if (failure.code !== "attempt.interrupted" || run.tally.touched || changesOptions(run))
    return failure;
  return new DfuError("attempt.cancelled", failure.message, { cause: failure });
}

const changesOptions = ({ tally: { phase } }: Run): boolean =>
  phase === "options" || phase === "protection";

function leftWithOf(run: Run, { code }: DfuError): LeftWith | undefined {
  if (code === "attempt.cancelled") return "untouched";
  if (code !== "attempt.interrupted") return undefined;
  const { touched, phase, wrote, startable } = run.tally;
  if (!touched) return "options";
  if (phase === "leave") return "whole";
  if (startable) return "unproven";
  return wrote ? "half_written" : "erased";
}

function reportOf(run: Run, failure: DfuError | undefined): FlashReport {
  const { phase } = run.tally;
  enterPhase(run, phase);
  const reason = failure && {
    code: failure.code,
    blame: failure.blame,
    phase,
    ...(failure.address === undefined ? {} : { address: failure.address }),
    detail: failure.message,
    ...(failure.cure === undefined ? {} : { cure: failure.cure }),
  };
  const left = failure && leftWithOf(run, failure);
  return {
    outcome: failure === undefined ? "PASS" : "FAIL",
    ...reason,
    linkIncident: hasLinkIncident(run),
    incidents: run.tally.incidents,
    profile: run.link.profile.name,
    startProfile: run.startProfile.name,
    ms: run.link.transfers === 0 ? 0 : run.clock.lastTransferAt - run.clock.startedAt,
    phaseMs: run.tally.phaseMs,
    ...run.tally.figures,
    transfers: run.link.transfers,
    touched: run.tally.touched,
    identity: run.device.identity,
    ...(left === undefined ? {} : { leftWith: left }),
  };
}
