import type { NestProgress, NestRefusal } from "@flashline/contract";
import { isSharedSerial } from "@flashline/dfu-core";
import type { Worker } from "../people/worker.ts";
import { atRest, coreOf } from "./at-rest.ts";
import { type LabelEvent, labelDone, withLabel } from "./label-nest.ts";
import type { BusyNest, Nest, Port, PortUnit, StartingNest } from "./nest.ts";
import { takesScan } from "./takes-scan.ts";

/** How a job ended for its unit. */
export type NestVerdict =
  | { readonly kind: "pass" }
  | { readonly kind: "fail"; readonly refusal: NestRefusal };

export type NestEvent =
  | { readonly event: "port"; readonly unit: PortUnit }
  /** `at`: an ISO date. */
  | { readonly event: "port"; readonly unit: null; readonly at: string }
  | { readonly event: "tick" }
  | { readonly event: "enabled"; readonly enabled: boolean }
  | { readonly event: "scanned"; readonly serial: string }
  | { readonly event: "allowed"; readonly serial: string }
  | { readonly event: "refused"; readonly serial: string; readonly refusal: NestRefusal }
  | {
      readonly event: "ordered";
      readonly jobId: string;
      /** Who pressed START. */
      readonly operator?: Worker | null | undefined;
    }
  | { readonly event: "leased"; readonly jobId: string }
  | { readonly event: "progress"; readonly jobId: string; readonly progress: NestProgress }
  /** `since`: an ISO date; null when the link is back. */
  | { readonly event: "recovering"; readonly jobId: string; readonly since: string | null }
  | {
      readonly event: "finished";
      readonly jobId: string;
      readonly verdict: NestVerdict;
      /** The unit left its port by itself: started, or lost. */
      readonly vanished: boolean;
      readonly usbSerial: string;
      readonly durationMs: number;
    }
  /** The job ended before anything was erased. */
  | { readonly event: "stopped"; readonly jobId: string; readonly refusal: NestRefusal }
  /** The last job of an earlier life of the agent; with a refusal when it was a FAIL that was not acknowledged. */
  | {
      readonly event: "restored";
      readonly serial: string;
      readonly refusal: NestRefusal | null;
    }
  | LabelEvent
  | { readonly event: "label-done"; readonly attemptId: string }
  | { readonly event: "acknowledged" }
  | { readonly event: "cancelled" };

/** How long a port must be empty before the nest takes another unit, milliseconds. A re-enumeration takes less. */
export const ARM_AFTER_MS = 1500;
/** How long a PASS is shown when the unit has left its port by itself, milliseconds. A FAIL stays. */
export const PASS_SHOWN_MS = 8000;

/** The nest after an event at station time `now` (milliseconds, any origin). Events that do not apply change nothing. */
export function reduceNest(nest: Nest, event: NestEvent, now: number): Nest {
  switch (event.event) {
    case "port":
      return event.unit === null ? unitGone(nest, event.at, now) : unitSeen(nest, event.unit, now);
    case "tick":
      return armed(nest, now);
    case "enabled":
      if (nest.state === "busy" || event.enabled === (nest.state !== "off" && !isOffLater(nest)))
        return nest;
      if (nest.state === "fail" || nest.state === "label")
        return { ...nest, isOff: !event.enabled };
      return event.enabled ? atRest(nest) : { ...coreOf(nest), state: "off" };
    case "scanned": {
      const answer = takesScan(nest, event.serial);
      if (answer.kind === "refuses") return nest;
      const { serial } = event;
      return { ...coreOf(nest), port: answer.port, state: "checking", serial };
    }
    case "allowed":
      return (nest.state === "checking" || nest.state === "refused") && nest.serial === event.serial
        ? { ...coreOf(nest), port: nest.port, state: "ready", serial: nest.serial }
        : nest;
    case "refused":
      return awaitsStart(nest) && nest.serial === event.serial
        ? { ...nest, state: "refused", refusal: event.refusal }
        : nest;
    case "ordered":
      return nest.state === "ready"
        ? { ...nest, state: "starting", jobId: event.jobId, operator: event.operator }
        : nest;
    case "leased":
      return nest.state === "starting" && nest.jobId === event.jobId ? busy(nest) : nest;
    case "progress":
      return nest.state === "busy" && nest.jobId === event.jobId
        ? { ...nest, progress: event.progress }
        : nest;
    case "recovering":
      return nest.state === "busy" &&
        nest.jobId === event.jobId &&
        nest.recoveringSince !== event.since
        ? { ...nest, recoveringSince: event.since }
        : nest;
    case "finished":
      return hasJob(nest) && nest.jobId === event.jobId ? finished(nest, event, now) : nest;
    case "stopped":
      return hasJob(nest) && nest.jobId === event.jobId ? stopped(nest, event.refusal) : nest;
    case "restored": {
      const { serial, refusal } = event;
      const last = { serial, usbSerial: "", vanished: false, endedAt: now };
      if (refusal === null) return { ...nest, last };
      return {
        ...coreOf(nest),
        last,
        state: "fail",
        refusal,
        durationMs: null,
        unitOut: false,
        isOff: false,
      };
    }
    case "label":
      return hasJob(nest) ? nest : withLabel(nest, event, now);
    case "label-done":
      return nest.state === "label" && nest.attemptId === event.attemptId
        ? labelDone(nest, now)
        : nest;
    case "acknowledged":
      return acknowledged(nest);
    case "cancelled":
      // If the job was ordered already, no nest waits for it when it comes, and it is given back.
      return holdsScan(nest) ? atRest(nest) : nest;
  }
}

/** Off once what it shows was seen, or done. */
const isOffLater = (nest: Nest): boolean =>
  (nest.state === "fail" || nest.state === "label") && nest.isOff;

const hasJob = (nest: Nest): nest is StartingNest | BusyNest =>
  nest.state === "starting" || nest.state === "busy";

/** Whether it may start is the server's to say, and to say again. */
const awaitsStart = (
  nest: Nest,
): nest is Extract<Nest, { state: "checking" | "ready" | "refused" }> =>
  nest.state === "checking" || nest.state === "ready" || nest.state === "refused";

const holdsScan = (nest: Nest): boolean => awaitsStart(nest) || nest.state === "starting";

const busy = ({ operator: _, ...nest }: StartingNest): BusyNest => ({
  ...nest,
  state: "busy",
  progress: null,
  recoveringSince: null,
  goneSince: null,
});

function unitGone(nest: Nest, at: string, now: number): Nest {
  if (nest.port.kind === "empty") return armed(nest, now);
  const port: Port = { kind: "empty", since: now };
  switch (nest.state) {
    case "off":
    case "empty":
    case "pass":
    case "label":
    case "fail":
      return { ...nest, port };
    case "busy":
      return { ...nest, port, goneSince: nest.progress?.phase === "leave" ? null : at };
    default:
      // The unit has left, so its scan is dropped. The next unit needs its own scan.
      return atRest({ ...nest, port });
  }
}

function unitSeen(nest: Nest, unit: PortUnit, now: number): Nest {
  const { port: before, last } = nest;
  const port: Port = { kind: "occupied", unit };
  if (nest.state === "busy") return { ...nest, port, goneSince: null };
  if (nest.state === "off") return { ...nest, port };
  // A swap that no look at the port saw empty: the device number tells.
  if (before.kind === "occupied" && before.unit.deviceNumber === unit.deviceNumber) return nest;
  if (last === null || holdsScan(nest)) return atRest({ ...nest, port });
  const wasEmpty = before.kind === "empty" && now - before.since >= ARM_AFTER_MS;
  const another = wasEmpty && !(last.vanished && looksSame(last.usbSerial, unit.usbSerial));
  if (nest.state === "fail") return { ...nest, port, unitOut: nest.unitOut || another };
  if (nest.state === "label") {
    return another ? { ...nest, port, another } : { ...nest, port, cameBack: true };
  }
  if (another) return atRest({ ...nest, port, last: null });
  return nest.state === "pass" ? { ...nest, port, cameBack: true } : atRest({ ...nest, port });
}

const looksSame = (before: string, now: string): boolean => before === now && !isSharedSerial(now);

/** Forgets the last job once the port was empty long enough, and clears its PASS if the unit was taken out. */
function armed(nest: Nest, now: number): Nest {
  const { port, last } = nest;
  if (last === null || port.kind !== "empty" || now - port.since < ARM_AFTER_MS) return nest;
  if (nest.state === "busy" || nest.state === "label") return nest;
  // A unit that vanished may come back at any time. The next unit on the port decides.
  if (last.vanished) {
    const over = nest.state === "pass" && now - last.endedAt >= PASS_SHOWN_MS;
    return over ? atRest(nest) : nest;
  }
  switch (nest.state) {
    case "pass":
      return atRest({ ...nest, last: null });
    case "fail":
      return nest.unitOut ? nest : { ...nest, unitOut: true };
    default:
      return { ...nest, last: null };
  }
}

function finished(
  nest: StartingNest | BusyNest,
  { verdict, vanished, usbSerial, durationMs }: Extract<NestEvent, { event: "finished" }>,
  now: number,
): Nest {
  const last = {
    serial: nest.serial,
    usbSerial,
    vanished: vanished || nest.port.kind !== "occupied",
    endedAt: now,
  };
  const core = { ...coreOf(nest), last };
  return verdict.kind === "pass"
    ? { ...core, state: "pass", durationMs, cameBack: false }
    : {
        ...core,
        state: "fail",
        refusal: verdict.refusal,
        durationMs,
        unitOut: false,
        isOff: false,
      };
}

function stopped(nest: StartingNest | BusyNest, refusal: NestRefusal): Nest {
  const { port, serial } = nest;
  return port.kind === "occupied"
    ? { ...coreOf(nest), port, state: "refused", serial, refusal }
    : { ...coreOf(nest), port, state: "empty", refusal };
}

function acknowledged(nest: Nest): Nest {
  switch (nest.state) {
    case "refused":
      return atRest(nest);
    case "fail": {
      const seen = nest.unitOut ? { ...nest, last: null } : nest;
      return nest.isOff ? { ...coreOf(seen), state: "off" } : atRest(seen);
    }
    case "pass": {
      // By acknowledging, the person says that the unit on the port is another one.
      const another = nest.port.kind === "occupied" && nest.last.vanished;
      return atRest(another ? { ...nest, last: null } : nest);
    }
    case "empty":
      return { ...nest, refusal: null };
    case "present":
    case "checking":
      return nest.last?.vanished === true ? { ...nest, last: null } : nest;
    default:
      return nest;
  }
}
