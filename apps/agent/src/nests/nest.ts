import { CODES, type NestState } from "@flashline/contract";
import { isSharedSerial } from "@flashline/dfu-core";

/** What a nest needs to know of the device on its port. */
export interface PortUnit {
  readonly deviceNumber: number;
  /** iSerialNumber; not unique on STM32. */
  readonly usbSerial: string;
}

/** Why there is no start, or what to do after a FAIL. */
export interface Refusal {
  readonly code: string;
  readonly action: string;
  readonly detail: string;
}

export interface Progress {
  readonly phase: string;
  /** 0 … 1. */
  readonly fraction: number;
  readonly remainingMs: number;
}

/** What is left of the last job: it decides when the nest arms again (engine rule 14). */
interface LastJob {
  readonly serial: string;
  readonly usbSerial: string;
  /** The unit left its port without being taken out: its application was started, or the link was lost. */
  readonly vanished: boolean;
  /** Station time. */
  readonly endedAt: number;
}

export interface Nest {
  readonly name: string;
  readonly portPath: string;
  readonly state: NestState;
  readonly unit: PortUnit | null;
  /** Station time since which the port is empty; null while a unit is there, and before the first look at the port. */
  readonly emptySince: number | null;
  /** Null when the nest is armed: it takes any serial. */
  readonly last: LastJob | null;
  readonly serial: string | null;
  /** The server is being asked whether `serial` may start. */
  readonly checking: boolean;
  readonly jobId: string | null;
  readonly progress: Progress | null;
  readonly refusal: Refusal | null;
  readonly durationMs: number | null;
}

export type NestEvent =
  | { readonly event: "port"; readonly unit: PortUnit | null }
  | { readonly event: "tick" }
  | { readonly event: "enabled"; readonly enabled: boolean }
  | { readonly event: "scanned"; readonly serial: string }
  | { readonly event: "allowed"; readonly serial: string }
  | { readonly event: "refused"; readonly serial: string; readonly refusal: Refusal }
  | { readonly event: "ordered"; readonly jobId: string }
  | { readonly event: "leased"; readonly jobId: string }
  | { readonly event: "progress"; readonly jobId: string; readonly progress: Progress }
  | {
      readonly event: "finished";
      readonly jobId: string;
      readonly passed: boolean;
      /** The unit left its port by itself: started, or lost. */
      readonly vanished: boolean;
      readonly usbSerial: string;
      readonly refusal: Refusal | null;
      readonly durationMs: number;
    }
  /** The job ended before anything was erased. */
  | { readonly event: "stopped"; readonly jobId: string; readonly refusal: Refusal }
  /** The last job of an earlier life of the agent; with a refusal when it was a FAIL that nobody has seen. */
  | { readonly event: "restored"; readonly serial: string; readonly refusal: Refusal | null }
  | { readonly event: "acknowledged" }
  | { readonly event: "cancelled" };

/** How long a port must be empty before the nest takes another unit, milliseconds. A re-enumeration takes less. */
export const ARM_AFTER_MS = 1500;
/** How long a PASS is shown when the unit has left its port by itself, milliseconds. A FAIL stays. */
export const PASS_SHOWN_MS = 8000;

/** A nest whose port was not looked at yet. */
export function newNest(name: string, portPath: string): Nest {
  return {
    name,
    portPath,
    state: "empty",
    unit: null,
    emptySince: null,
    last: null,
    serial: null,
    checking: false,
    jobId: null,
    progress: null,
    refusal: null,
    durationMs: null,
  };
}

const NO_JOB = {
  serial: null,
  checking: false,
  jobId: null,
  progress: null,
  refusal: null,
  durationMs: null,
} as const;

/** A nest that holds neither scan nor verdict: as its port says. */
const atRest = (nest: Nest): Nest => ({
  ...nest,
  ...NO_JOB,
  state: nest.unit === null ? "empty" : "present",
});

/** The nest after an event at station time `now` (milliseconds, any origin). Events that do not apply change nothing. */
export function reduceNest(nest: Nest, event: NestEvent, now: number): Nest {
  switch (event.event) {
    case "port":
      return onPort(nest, event.unit, now);
    case "tick":
      return armed(nest, now);
    case "enabled":
      if (nest.state === "busy" || event.enabled === (nest.state !== "off")) return nest;
      return event.enabled ? atRest(nest) : { ...nest, ...NO_JOB, state: "off" };
    case "scanned":
      if (!takesScan(nest, event.serial)) return nest;
      return { ...atRest(nest), state: "present", serial: event.serial, checking: true };
    case "allowed":
      if (!nest.checking || nest.serial !== event.serial) return nest;
      return { ...nest, state: "ready", checking: false };
    case "refused":
      if (nest.serial !== event.serial || !(nest.checking || nest.state === "ready")) return nest;
      return { ...nest, state: "refused", checking: false, refusal: event.refusal };
    case "ordered":
      return nest.state === "ready" ? { ...nest, state: "starting", jobId: event.jobId } : nest;
    case "leased":
      return isOf(nest, event.jobId) && nest.state === "starting"
        ? { ...nest, state: "busy" }
        : nest;
    case "progress":
      return isOf(nest, event.jobId) && nest.state === "busy"
        ? { ...nest, progress: event.progress }
        : nest;
    case "finished":
      return isOf(nest, event.jobId) ? finished(nest, event, now) : nest;
    case "stopped":
      if (!isOf(nest, event.jobId) || (nest.state !== "busy" && nest.state !== "starting")) {
        return nest;
      }
      if (nest.unit === null) return { ...atRest(nest), refusal: event.refusal };
      return { ...nest, state: "refused", jobId: null, progress: null, refusal: event.refusal };
    case "restored": {
      const last = { serial: event.serial, usbSerial: "", vanished: false, endedAt: now };
      if (event.refusal === null) return { ...nest, last };
      const { serial, refusal } = event;
      return { ...nest, ...NO_JOB, state: "fail", serial, refusal, last };
    }
    case "acknowledged":
      return acknowledged(nest);
    case "cancelled":
      // A job that was ordered already finds nobody waiting for it and is given back.
      return holdsScan(nest) ? atRest(nest) : nest;
  }
}

/**
 * Whether a scan of `serial` may go to this nest: a unit waits there, and either the port was empty since the last job, or it
 * is the last job's unit again (a retest; scanning its label acknowledges its FAIL).
 */
export function takesScan(nest: Nest, serial: string): boolean {
  return scanRefusal(nest, serial) === undefined;
}

/** The code that refuses the scan; undefined when the nest takes it. */
export function scanRefusal(nest: Nest, serial: string): keyof typeof CODES | undefined {
  if (nest.state === "off") return "preflight.nest_off";
  if (nest.state === "busy" || nest.state === "starting") return "preflight.nest_busy";
  if (nest.unit === null) return "nest.empty";
  if (nest.last === null || nest.last.serial === serial) return undefined;
  return "nest.not_armed";
}

/** What tells the operator to scan another label of the unit that is in the nest. */
const ASKS_FOR_ANOTHER_LABEL: ReadonlySet<string> = new Set([
  "preflight.unknown_serial",
  "preflight.serial_malformed",
]);

/** Armed, and a unit waits that nobody has scanned, or with a label that is none of its product. */
export function isWaiting(nest: Nest): boolean {
  if (nest.last !== null || nest.checking) return false;
  if (nest.state === "refused") return ASKS_FOR_ANOTHER_LABEL.has(nest.refusal?.code ?? "");
  return nest.state === "present";
}

const isOf = (nest: Nest, jobId: string): boolean => nest.jobId === jobId;

function onPort(nest: Nest, unit: PortUnit | null, now: number): Nest {
  if (unit === null) {
    if (nest.unit === null && nest.emptySince !== null) return armed(nest, now);
    const left: Nest = { ...nest, unit: null, emptySince: now };
    // Without its unit a scan means nothing: whatever comes next needs its own.
    return holdsScan(left) || left.state === "present" ? atRest(left) : left;
  }
  const plugged: Nest = { ...nest, unit, emptySince: null };
  if (nest.state === "off" || nest.state === "busy") return plugged;
  // A swap that no look at the port saw empty: the device number tells.
  if (nest.unit?.deviceNumber === unit.deviceNumber) return plugged;
  const { last } = nest;
  if (last === null || holdsScan(nest)) return atRest(plugged);
  const wasEmpty = nest.emptySince !== null && now - nest.emptySince >= ARM_AFTER_MS;
  if (wasEmpty && !(last.vanished && looksSame(last.usbSerial, unit.usbSerial))) {
    return atRest({ ...plugged, last: null });
  }
  if (nest.state === "fail") return plugged;
  return nest.state === "pass" ? { ...plugged, refusal: cameBack(last) } : atRest(plugged);
}

/** After a PASS a unit is on the port again before the nest armed, or it looks like the one that passed. */
function cameBack(last: LastJob): Refusal {
  return {
    code: "nest.not_armed",
    action: CODES["nest.not_armed"].action,
    detail: `A unit is on the port again; it may be ${last.serial}, which passed here.`,
  };
}

const looksSame = (before: string, now: string): boolean => before === now && !isSharedSerial(now);

const holdsScan = (nest: Nest): boolean =>
  nest.checking ||
  nest.state === "ready" ||
  nest.state === "refused" ||
  nest.state === "starting" ||
  nest.state === "unknown";

/** Forgets the last job once the port was empty long enough, and clears its verdict if the unit was taken out. */
function armed(nest: Nest, now: number): Nest {
  if (nest.state === "busy" || nest.last === null || nest.emptySince === null) return nest;
  if (now - nest.emptySince < ARM_AFTER_MS) return nest;
  // What vanished may come back, however long it takes; what is on the port next decides.
  if (nest.last.vanished) {
    const over = nest.state === "pass" && now - nest.last.endedAt >= PASS_SHOWN_MS;
    return over ? atRest(nest) : nest;
  }
  const shown = nest.state === "pass" || nest.state === "fail";
  return shown ? atRest({ ...nest, last: null }) : { ...nest, last: null };
}

function finished(nest: Nest, event: Extract<NestEvent, { event: "finished" }>, now: number): Nest {
  return {
    ...nest,
    state: event.passed ? "pass" : "fail",
    jobId: null,
    progress: null,
    refusal: event.refusal,
    durationMs: event.durationMs,
    last: {
      serial: nest.serial ?? "",
      usbSerial: event.usbSerial,
      vanished: event.vanished || nest.unit === null,
      endedAt: now,
    },
  };
}

function acknowledged(nest: Nest): Nest {
  switch (nest.state) {
    case "refused":
    case "unknown":
    case "fail":
      return atRest(nest);
    case "pass": {
      // The person says that what is on the port again is another unit.
      const another = nest.unit !== null && nest.last?.vanished === true;
      return atRest(another ? { ...nest, last: null } : nest);
    }
    case "empty":
      return { ...nest, refusal: null };
    case "present":
      return nest.last?.vanished === true ? { ...nest, last: null } : nest;
    default:
      return nest;
  }
}
