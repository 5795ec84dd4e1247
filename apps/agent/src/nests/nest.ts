import type { LabelStage, NestProgress, NestRefusal } from "@flashline/contract";
import type { Worker } from "../people/worker.ts";

/** What a nest needs to know of the device on its port. */
export interface PortUnit {
  readonly deviceNumber: number;
  /** iSerialNumber; not unique on STM32. */
  readonly usbSerial: string;
}

export interface OccupiedPort {
  readonly kind: "occupied";
  readonly unit: PortUnit;
}

/** A port as it was last looked at. */
export type Port =
  | { readonly kind: "unseen" }
  /** `since` is station time. */
  | { readonly kind: "empty"; readonly since: number }
  | OccupiedPort;

/** What is left of the last job: it decides when the nest arms again (rule 14, docs/protocol.md). */
export interface LastJob {
  readonly serial: string;
  readonly usbSerial: string;
  /** The unit left its port without being taken out: its application was started, or the link was lost. */
  readonly vanished: boolean;
  /** Station time. */
  readonly endedAt: number;
}

/** What a nest has in every state. */
export interface NestCore {
  readonly name: string;
  readonly portPath: string;
  readonly port: Port;
  /** Null when the nest is armed: it takes any serial. */
  readonly last: LastJob | null;
}

/** A state that ends when the unit leaves the port. */
interface WithUnit extends NestCore {
  readonly port: OccupiedPort;
}

/** Taken out of use by an engineer. */
export interface OffNest extends NestCore {
  readonly state: "off";
}
export interface EmptyNest extends NestCore {
  readonly state: "empty";
  readonly port: Exclude<Port, OccupiedPort>;
  /** Why the job ended whose unit left before anything was erased. */
  readonly refusal: NestRefusal | null;
}
export interface PresentNest extends WithUnit {
  readonly state: "present";
}
/** The server is being asked whether `serial` may start. */
export interface CheckingNest extends WithUnit {
  readonly state: "checking";
  readonly serial: string;
}
export interface ReadyNest extends WithUnit {
  readonly state: "ready";
  readonly serial: string;
}
export interface RefusedNest extends WithUnit {
  readonly state: "refused";
  readonly serial: string;
  readonly refusal: NestRefusal;
}
/** The job is ordered, and not here yet. */
export interface StartingNest extends WithUnit {
  readonly state: "starting";
  readonly serial: string;
  readonly jobId: string;
  /** Who pressed START; null: nobody was logged in. Undefined: the server takes no operator. */
  readonly operator: Worker | null | undefined;
}
/** The unit may leave the port and come back: the engine resets it. */
export interface BusyNest extends NestCore {
  readonly state: "busy";
  readonly serial: string;
  readonly jobId: string;
  /** Null until the engine has said something. */
  readonly progress: NestProgress | null;
  /** Since when the engine brings the link back, an ISO date; null while it gets on. */
  readonly recoveringSince: string | null;
  /** Since when the unit is off its port, an ISO date; null while it is there, and once the engine has let its program start. */
  readonly goneSince: string | null;
}
export interface PassNest extends NestCore {
  readonly state: "pass";
  readonly last: LastJob;
  readonly durationMs: number;
  /** A unit is on the port again before the nest armed, or it looks like the one that passed. */
  readonly cameBack: boolean;
}
/** The unit passed, and its label is not done. Until it is, the nest takes no other unit. */
export interface LabelNest extends NestCore {
  readonly state: "label";
  readonly last: LastJob;
  /** Null for an attempt of an earlier life of the agent. */
  readonly durationMs: number | null;
  readonly attemptId: string;
  readonly stage: LabelStage;
  /** Why the printer did not take it. */
  readonly refusal: NestRefusal | null;
  /** As of a PASS. */
  readonly cameBack: boolean;
  /** Another unit is on the port already: it waits for its scan once the label is done. */
  readonly another: boolean;
  /** Taken out of use meanwhile. */
  readonly isOff: boolean;
}
export interface FailNest extends NestCore {
  readonly state: "fail";
  readonly last: LastJob;
  readonly refusal: NestRefusal;
  /** Null for an attempt of an earlier life of the agent. */
  readonly durationMs: number | null;
  /** The unit was taken out. The FAIL stays until somebody says that it was seen; what is on the port then needs its own scan. */
  readonly unitOut: boolean;
  /** Taken out of use meanwhile. The FAIL is shown until somebody has seen it; then the nest is off. */
  readonly isOff: boolean;
}

/** A place for one unit, as a union by state: each state has only the fields that it needs. */
export type Nest =
  | OffNest
  | EmptyNest
  | PresentNest
  | CheckingNest
  | ReadyNest
  | RefusedNest
  | StartingNest
  | BusyNest
  | PassNest
  | LabelNest
  | FailNest;

/** A nest whose port was not looked at yet. */
export function newNest(name: string, portPath: string): Nest {
  return { name, portPath, port: { kind: "unseen" }, last: null, state: "empty", refusal: null };
}

/** The serial of the unit that the nest shows; null where nothing was scanned. */
export function serialOf(nest: Nest): string | null {
  switch (nest.state) {
    case "checking":
    case "ready":
    case "refused":
    case "starting":
    case "busy":
      return nest.serial;
    case "pass":
    case "label":
    case "fail":
      return nest.last.serial;
    default:
      return null;
  }
}

/** Why the nest refuses its unit, or what the unit failed with; null where neither applies. */
export function shownRefusal(nest: Nest): NestRefusal | null {
  switch (nest.state) {
    case "empty":
    case "refused":
    case "label":
    case "fail":
      return nest.refusal;
    case "pass":
      return nest.cameBack ? cameBack(nest.last.serial) : null;
    default:
      return null;
  }
}

const cameBack = (serial: string): NestRefusal => ({
  code: "nest.not_armed",
  detail: `A unit is on the port again; it may be ${serial}, which passed here.`,
  action: null,
});
