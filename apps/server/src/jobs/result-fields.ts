import {
  AttemptResult,
  CONTROLLER_KINDS,
  describeCode,
  HostFingerprint,
  HUB_TTS,
  HubLink,
  Id,
  IncidentRecord,
  isStorableTime,
  PatchRecord,
  ShownApplication,
} from "@flashline/contract";
import { PROFILE_NAMES } from "@flashline/dfu-core";
import { isStorable } from "../db/json-text.ts";

const knownKeys = (shape: object) => new Set(Object.keys(shape));
const RESULT = knownKeys(AttemptResult.shape);
const INCIDENT = knownKeys(IncidentRecord.shape);
const HOST = knownKeys(HostFingerprint.shape);
const CONTROLLER = knownKeys(HostFingerprint.shape.controller.shape);
const PATCH = knownKeys(PatchRecord.shape);
const APPLICATION = knownKeys(ShownApplication.shape);
const HUB = knownKeys(HubLink.shape);
const BLAMES: readonly string[] = ["host", "unit", "image", "operator", "system"];
const PROFILES: readonly string[] = PROFILE_NAMES;

const KINDS: readonly string[] = CONTROLLER_KINDS;
const TTS: readonly string[] = HUB_TTS;

const onlyKnown = (value: object, known: ReadonlySet<string>) =>
  Object.keys(value).every((key) => known.has(key));

/** Null where the text is no time that a column keeps. */
const timeOf = (text: string): string | null =>
  isStorableTime(text) ? new Date(text).toISOString() : null;

/**
 * True when an agent said something that this server cannot read, or that no column keeps as it is: a person or a later server
 * should look. The bytes are kept whole. So is a result by which another unit than the scanned one was flashed: what that one holds no
 * record of its own says.
 */
function needsReview(result: AttemptResult): boolean {
  const { host } = result;
  const codes = [result.code, ...result.incidents.map(({ code }) => code)];
  const understood =
    isStorable(result) &&
    [result.startedAt, result.finishedAt, result.reportedAt].every(isStorableTime) &&
    onlyKnown(result, RESULT) &&
    onlyKnown(host, HOST) &&
    onlyKnown(host.controller, CONTROLLER) &&
    onlyKnown(result.patch ?? {}, PATCH) &&
    onlyKnown(result.application ?? {}, APPLICATION) &&
    KINDS.includes(host.controller.kind) &&
    host.hubs.every((hub) => onlyKnown(hub, HUB) && TTS.includes(hub.tt)) &&
    result.incidents.every((incident) => onlyKnown(incident, INCIDENT)) &&
    codes.every((code) => code === null || describeCode(code).known) &&
    (result.operator ?? null) === operatorOf(result) &&
    (result.blame === null || BLAMES.includes(result.blame)) &&
    [result.profile, result.startProfile].every((name) => PROFILES.includes(name));
  return !understood || result.code === "leave.other_serial";
}

/** Null where nobody is named, or what is named is no person's id. */
const operatorOf = ({ operator = null }: AttemptResult): string | null =>
  Id.safeParse(operator).data ?? null;

const LARGEST_INT = 2_147_483_647;
/** What a column cannot hold is no reason to refuse a result; the body keeps the figure. */
const column = (n: number) => Math.min(n, LARGEST_INT);

/** What the attempt's columns take, by the contract's names. What has no column stays in the body. */
export function fieldsOf(result: AttemptResult): Readonly<Record<string, unknown>> {
  const link = result.incidents.some(({ code }) => describeCode(code).link);
  return {
    outcome: result.outcome,
    code: result.code,
    blame: result.blame,
    phase: result.phase ?? null,
    address: Number.isSafeInteger(result.address) ? result.address : null,
    detail: result.detail ?? null,
    touched: result.touched,
    // An agent that forgets the flag does not hide its host: one event of the link is enough.
    linkIncident: result.linkIncident || link,
    incidents: result.incidents,
    profile: result.profile,
    startProfile: result.startProfile,
    bytes: column(result.bytes ?? 0),
    durationMs: result.durationMs,
    phaseMs: result.phaseMs ?? {},
    erasedSectors: column(result.erasedSectors ?? 0),
    skippedSectors: column(result.skippedSectors ?? 0),
    chip: result.chip,
    chipMatch: result.chipMatch,
    chipEvidence: result.chipEvidence,
    portPath: result.host.portPath,
    hubs: result.host.hubs,
    virtual: result.virtual,
    offline: result.offline,
    usbSerial: result.usbSerial,
    agentVersion: result.agentVersion,
    patch: result.patch ?? null,
    startedAt: timeOf(result.startedAt),
    finishedAt: timeOf(result.finishedAt),
    reportedAt: timeOf(result.reportedAt),
    operator: operatorOf(result),
    review: needsReview(result),
  };
}
