import { DfuRequest, DfuStatus } from "@flashline/dfu-core/protocol";
import type { OperationFault } from "../bootloader/execution.ts";
import type { Journal } from "../bootloader/journal.ts";
import type { Operation } from "../bootloader/operation.ts";
import type { Random } from "../random.ts";
import type { SetupPacket } from "../usb/setup.ts";
import type { BusyWedge, Fault, Trigger, WireLoss } from "./fault.ts";

interface Armed {
  readonly fault: Fault;
  readonly random: Random;
  /** DNLOAD data bytes that had passed when the fault was armed. */
  readonly fromByte: number;
  occasions: number;
}

export type Departure = Extract<Fault, { readonly afterBytes: number }>;

/** Decides from data and a seed which faults strike. It does not know how they are carried out. */
export class FaultInjector {
  readonly #armed: Armed[] = [];
  readonly #random: Random;
  readonly #journal: Journal;
  readonly #secondBank: number;

  /** `secondBank`: address where the upper half of the flash starts. */
  constructor(random: Random, journal: Journal, secondBank: number) {
    this.#random = random;
    this.#journal = journal;
    this.#secondBank = secondBank;
  }

  /** `fromByte`: where the count of `afterBytes` starts. */
  add(fault: Fault, fromByte = 0): void {
    const random = this.#random.fork(`${this.#armed.length}.${fault.kind}`);
    this.#armed.push({ fault, random, fromByte, occasions: 0 });
  }

  wire(setup: SetupPacket): WireLoss | undefined {
    const download = setup.request === DfuRequest.Dnload && setup.length > 0;
    for (const armed of this.#armed) {
      const { fault } = armed;
      switch (fault.kind) {
        case "stall":
          if (!download && setup.request !== DfuRequest.Upload) break;
          if (this.#strikes(armed, fault.trigger)) return fault.kind;
          break;
        case "lost-data":
        case "lost-ack":
          if (download && this.#strikes(armed, fault.trigger)) return fault.kind;
          break;
        case "lost-setup":
        case "lost-status":
          if (this.#strikes(armed, fault.trigger)) return fault.kind;
          break;
        default:
      }
    }
    return undefined;
  }

  operation(operation: Operation): OperationFault {
    const works = operation.kind === "erase" || operation.kind === "program";
    let found: OperationFault = {};
    for (const armed of this.#armed) {
      const { fault, random } = armed;
      switch (fault.kind) {
        case "busy-wedge":
          if (works && reaches(fault, operation) && this.#strikes(armed, fault.trigger)) {
            const { clearedBy, silent = false } = fault;
            found = { ...found, wedge: { clearedBy, silent } };
          }
          break;
        case "bank2-wedge":
          if (operation.kind === "erase" && operation.address >= this.#secondBank) {
            this.#journal.struck(fault.kind);
            found = {
              ...found,
              wedge: { clearedBy: "clrstatus", silent: false },
              wedgedWhenDone: true,
            };
          }
          break;
        case "bank2-early":
          if (operation.kind === "erase" && operation.address >= this.#secondBank) {
            this.#journal.struck(fault.kind);
            found = { ...found, reportedEarly: true };
          }
          break;
        case "erase-cut":
          if (operation.kind === "erase" && this.#strikes(armed, fault.trigger)) {
            const cut = { by: "power", afterBytes: 0, backAfterMs: fault.backAfterMs } as const;
            found = { ...found, cut };
          }
          break;
        case "slow-busy":
          if (works && this.#strikes(armed, fault.trigger))
            found = { ...found, slowFactor: fault.factor };
          break;
        case "silent-drop":
          if (operation.kind === "program" && this.#strikes(armed, fault.trigger)) {
            found = { ...found, dropped: true };
          }
          break;
        case "bit-flip":
          if (operation.kind === "program" && this.#strikes(armed, fault.trigger)) {
            found = { ...found, flipBit: random.integer(operation.length * 8) };
          }
          break;
        case "false-vendor":
        case "false-target":
          if (this.#strikes(armed, fault.trigger)) {
            found = { ...found, falseStatus: falseStatus(fault.kind) };
          }
          break;
        default:
      }
    }
    return found;
  }

  upload(): number | undefined {
    for (const armed of this.#armed) {
      const { fault } = armed;
      if (fault.kind !== "false-vendor" && fault.kind !== "false-target") continue;
      if (this.#strikes(armed, fault.trigger)) return falseStatus(fault.kind);
    }
    return undefined;
  }

  /** A fault whose byte lies in (before, after] of the DNLOAD data so far; its `afterBytes` then counts from `before`. */
  departure(before: number, after: number): Departure | undefined {
    for (const { fault, fromByte } of this.#armed) {
      if (!("afterBytes" in fault)) continue;
      const at = fromByte + Math.max(1, fault.afterBytes);
      if (at > before && at <= after) {
        this.#journal.struck(fault.kind);
        return { ...fault, afterBytes: at - before };
      }
    }
    return undefined;
  }

  #strikes(armed: Armed, trigger: Trigger): boolean {
    armed.occasions += 1;
    const struck =
      trigger.kind === "always" ||
      (trigger.kind === "nth" && armed.occasions === trigger.n) ||
      (trigger.kind === "probability" && armed.random.chance(trigger.p));
    if (struck) this.#journal.struck(armed.fault.kind);
    return struck;
  }
}

const reaches = ({ longerThan }: BusyWedge, operation: Operation): boolean =>
  longerThan === undefined || (operation.kind === "program" && operation.length > longerThan);

const falseStatus = (kind: "false-vendor" | "false-target"): number =>
  kind === "false-vendor" ? DfuStatus.ErrVendor : DfuStatus.ErrTarget;
