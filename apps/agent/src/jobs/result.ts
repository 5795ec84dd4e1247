import { type AttemptResult, describeCode } from "@flashline/contract";
import { type FlashReport, figuresOf, NO_FIGURES } from "@flashline/dfu-core";
import type { AttemptIntent } from "../journal/entry.ts";
import type { JournaledAttempt } from "../journal/fold.ts";
import { namedOperator } from "../people/worker.ts";
import { AGENT_VERSION } from "../version.ts";

/** The exact text that is journaled, sent and, if need be, sent again. */
export const bodyOf = (result: AttemptResult): string => JSON.stringify(result);

/**
 * Milliseconds from the first control transfer to the last, or to the last incident: a link is known to be lost only when nothing
 * came back in time, and no transfer is made after that.
 */
export const durationOf = ({ ms, incidents }: FlashReport): number =>
  Math.max(ms, incidents.at(-1)?.atMs ?? 0);

/** `touched` is what went over the wire, which the engine may judge more cautiously. */
export function resultOf(
  intent: AttemptIntent,
  report: FlashReport,
  touched: boolean,
  startedAt: string,
  finishedAt: string,
): AttemptResult {
  return {
    ...identityOf(intent),
    outcome: report.outcome,
    code: report.code ?? null,
    blame: report.blame ?? null,
    phase: report.phase ?? null,
    address: report.address ?? null,
    detail: report.detail ?? null,
    touched,
    linkIncident: report.linkIncident,
    incidents: report.incidents.map((incident) => ({ ...incident })),
    profile: report.profile,
    startProfile: report.startProfile,
    ...figuresOf(report),
    durationMs: durationOf(report),
    phaseMs: { ...report.phaseMs },
    chip: report.identity.chip,
    chipMatch: report.identity.match,
    chipEvidence: [...report.identity.evidence],
    startedAt,
    finishedAt,
    reportedAt: finishedAt,
  };
}

/**
 * The result of an attempt that an earlier life of this process left after the first erase (rule 14, docs/protocol.md). The unit's
 * content is not known, so the result is a FAIL. Undefined when the journal has lost the attempt's intent.
 */
export function interruptedResult(
  attempt: JournaledAttempt,
  now: string,
): AttemptResult | undefined {
  const { intent } = attempt;
  if (intent === undefined) return undefined;
  const { profile = intent.profile } = attempt;
  const code = "attempt.interrupted";
  return {
    ...identityOf(intent),
    outcome: "FAIL",
    code,
    blame: describeCode(code).blame,
    phase: null,
    address: null,
    detail: "The agent ended after the first erase; found when it started again.",
    touched: true,
    linkIncident: false,
    incidents: [],
    profile,
    startProfile: profile,
    ...NO_FIGURES,
    durationMs: 0,
    chip: intent.chip,
    chipMatch: "none",
    chipEvidence: [],
    startedAt: intent.at,
    finishedAt: now,
    reportedAt: now,
  };
}

function identityOf(intent: AttemptIntent) {
  return {
    attemptId: intent.attemptId,
    jobId: intent.jobId,
    epoch: intent.epoch,
    imageSha256: intent.imageSha256,
    manifestSha256: intent.manifestSha256,
    keyId: intent.keyId,
    ...(intent.patch === undefined ? {} : { patch: intent.patch }),
    host: intent.host,
    virtual: intent.virtual,
    usbSerial: intent.usbSerial,
    ...(intent.bootId === undefined ? {} : { bootId: intent.bootId }),
    ...namedOperator(intent.operator),
    ...(intent.deviceNumber === undefined ? {} : { deviceNumber: intent.deviceNumber }),
    offline: intent.grant !== undefined,
    ...(intent.grant === undefined
      ? {}
      : { grant: { ...intent.grant, serial: intent.serial, nest: intent.nest } }),
    agentVersion: AGENT_VERSION,
  };
}

/** Replaces the report when the engine itself broke, so that every touched attempt has a result. */
export function brokenReport(error: unknown, profile: string, chip: string): FlashReport {
  const detail = error instanceof Error ? error.message : String(error);
  return {
    outcome: "FAIL",
    code: "internal.bug",
    blame: "system",
    detail,
    linkIncident: false,
    incidents: [],
    profile,
    startProfile: profile,
    ...NO_FIGURES,
    ms: 0,
    phaseMs: {},
    touched: true,
    identity: { chip, match: "none", evidence: [] },
  };
}
