import { DfuRequest, DfuStatus } from "@flashline/dfu-core/protocol";
import type { OperationFault } from "../bootloader/execution.ts";
import type { Journal } from "../bootloader/journal.ts";
import type { Clearer } from "../bootloader/state.ts";
import type { WireLoss } from "../faults/fault.ts";
import type { Random } from "../random.ts";
import { isIn, type SetupPacket } from "../usb/setup.ts";
import type { Place } from "./place.ts";

const PACKET = 64;
const HUB_FACTOR = 0.02;
const WEDGE_SHARE = 0.04;
const FATAL_SHARE = 0.004;
/** A desynchronised unit was seen to answer dfuDNBUSY for minutes and then complete (dfu-util ticket 78). */
const BUSY_RUN_FACTOR = 40;

/** What a loss looks like from the host, by how often; the signatures are those that users reported. */
const SIGNATURES = [
  ["stall", 0.34],
  ["lost-setup", 0.08],
  ["lost-ack", 0.12],
  ["lost-status", 0.1],
  ["lost-data", 0.08],
  ["busy-run", 0.14],
  ["false-target", 0.07],
  ["false-vendor", 0.07],
] as const satisfies readonly (readonly [
  WireLoss | "busy-run" | "false-target" | "false-vendor",
  number,
])[];

/** Carries a place's controller defect: which transfers suffer, and how. */
export class DefectInjector {
  readonly #place: Place;
  readonly #random: Random;
  readonly #journal: Journal;
  #next: OperationFault = {};
  #upload: number | undefined;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(place: Place, random: Random, journal: Journal) {
    this.#place = place;
    this.#random = random;
    this.#journal = journal;
  }

  wire(setup: SetupPacket, now: number): WireLoss | undefined {
    const { defect } = this.#place;
    if (!defect) return undefined;
    const gapMs = now - this.#lastAt;
    this.#lastAt = now;
    const packets = 2 + Math.ceil(setup.length / PACKET);
    const rate = this.#lossPerPacket(gapMs);
    if (!this.#random.chance(1 - (1 - rate) ** packets)) return undefined;
    this.#journal.struck("controller");
    return this.#suffer(setup);
  }

  /** Taken once, by the next operation. */
  operation(): OperationFault {
    const fault = this.#next;
    this.#next = {};
    return fault;
  }

  /** Taken once, by the next upload. */
  upload(): number | undefined {
    const status = this.#upload;
    this.#upload = undefined;
    return status;
  }

  #lossPerPacket(gapMs: number): number {
    const { defect, hubs } = this.#place;
    if (!defect) return 0;
    const gap = defect.experimentGap;
    const helped = gap && gapMs >= gap.afterMs ? gap.factor : 1;
    const hub = hubs.length > 0 ? (defect.hubFactor ?? HUB_FACTOR) : 1;
    return Math.min(1, defect.lossPerPacket * hub * helped);
  }

  #suffer(setup: SetupPacket): WireLoss | undefined {
    const { defect } = this.#place;
    const depth = this.#random.next();
    const fatal = defect?.fatalShare ?? FATAL_SHARE;
    const wedge = defect?.wedgeShare ?? WEDGE_SHARE;
    if (depth < fatal) return this.#hang("powercycle");
    if (depth < fatal + wedge) return this.#hang("reset");
    const signature = this.#signature();
    switch (signature) {
      case "busy-run":
        this.#next = { busyFactor: BUSY_RUN_FACTOR };
        return undefined;
      case "false-target":
        return this.#refuse(setup, DfuStatus.ErrTarget);
      case "false-vendor":
        return this.#refuse(setup, DfuStatus.ErrVendor);
      case "lost-data":
      case "lost-ack":
        return setup.length > 0 && !isIn(setup) ? signature : "lost-status";
      case "stall":
      case "lost-setup":
      case "lost-status":
        return signature;
    }
  }

  #hang(clearedBy: Clearer): undefined {
    this.#next = { wedge: { clearedBy, silent: false } };
    return undefined;
  }

  #refuse(setup: SetupPacket, status: number): WireLoss | undefined {
    if (setup.request === DfuRequest.Upload) this.#upload = status;
    else if (setup.request === DfuRequest.Dnload) this.#next = { falseStatus: status };
    else return "stall";
    return undefined;
  }

  #signature(): (typeof SIGNATURES)[number][0] {
    let left = this.#random.next();
    for (const [name, share] of SIGNATURES) {
      left -= share;
      if (left < 0) return name;
    }
    return "stall";
  }
}
