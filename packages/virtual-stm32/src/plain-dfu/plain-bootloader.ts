import { type Clock, DfuStatus } from "@flashline/dfu-core/protocol";
import type { Board } from "../bootloader/board.ts";
import type { Timing } from "../bootloader/bootloader.ts";
import { type OperationFault, perform } from "../bootloader/execution.ts";
import { FlashWork } from "../bootloader/flash-work.ts";
import { checkForm } from "../bootloader/form.ts";
import { cutPower, interruptionOf } from "../bootloader/interruption.ts";
import type { Journal } from "../bootloader/journal.ts";
import { durationOf, type Operation } from "../bootloader/operation.ts";
import { type BootState, powerOn, type Wedge } from "../bootloader/state.ts";
import type { Part, PlainAreas } from "../parts/index.ts";
import {
  answer,
  type ControlReply,
  GONE,
  isIn,
  LOST,
  type SetupPacket,
  stall,
} from "../usb/setup.ts";
import { PlainMachine, type Written } from "./plain-machine.ts";

/**
 * A product's own bootloader that speaks USB DFU 1.1 without ST's extension, over the flash of a chip. Each block erases the sectors that
 * start in it. The faults of the wire and of the flash are the ones of every unit.
 */
export class PlainBootloader {
  readonly #part: Part;
  readonly #areas: PlainAreas;
  readonly #clock: Clock;
  readonly #timing: Timing;
  readonly #journal: Journal;
  readonly #board: Board;
  readonly #machine: PlainMachine;
  readonly #flash = new FlashWork();
  /** The buffer, as a ROM has it. */
  readonly #boot: BootState;
  #wedge: Wedge | undefined;
  #gone = false;

  constructor(
    part: Part & { readonly plain: PlainAreas },
    clock: Clock,
    timing: Timing,
    journal: Journal,
    board: Board,
  ) {
    this.#part = part;
    this.#areas = part.plain;
    this.#clock = clock;
    this.#timing = timing;
    this.#journal = journal;
    this.#board = board;
    const { transferSize } = part.usb;
    this.#boot = powerOn(transferSize, part.flash.base);
    this.#machine = new PlainMachine(
      { transferSize, canUpload: true, tolerant: true },
      { write: (offset, data) => this.#write(offset, data.length), read: this.#read.bind(this) },
      clock,
      (why) => journal.reject("plain.state", why),
    );
  }

  /** SET_CONFIGURATION, which also follows every bus reset. */
  initialise(): void {
    if (this.#wedge?.clearedBy === "powercycle" || this.#wedge?.clearedBy === "never") return;
    this.#wedge = undefined;
    this.#machine.idle();
  }

  /** Answers dfuDNBUSY, or nothing, until what clears the wedge. */
  wedge(wedge: Wedge): void {
    this.#wedge = wedge;
  }

  get wedged(): Wedge | undefined {
    return this.#wedge;
  }

  /** What was under way in the flash is torn where it stood. */
  powerLost(): void {
    this.#flash.cut(this.#clock.now());
  }

  /** `dataLost`: the SETUP arrived and the data stage did not; the buffer keeps what it held. */
  control(setup: SetupPacket, data: Uint8Array, dataLost = false): ControlReply {
    checkForm(setup, this.#journal);
    if (this.#wedge?.silent === true) return LOST;
    this.#gone = false;
    const { request, value, length } = setup;
    if (isIn(setup)) {
      const bytes = this.#machine.in(request, value, length);
      return this.#gone ? GONE : bytes === undefined ? stall() : answer(bytes);
    }
    if (!dataLost) this.#boot.buffer.set(data.subarray(0, this.#part.usb.transferSize));
    const taken = this.#machine.out(request, value, new Uint8Array(length));
    return this.#gone ? GONE : taken ? answer() : stall();
  }

  /** Address of an offset in the alternate that the host chose; undefined where it has no memory. */
  #addressOf(offset: number): number | undefined {
    const start = this.#areas[this.#board.alternate()];
    const { base, size } = this.#board.access().space.flash;
    return start === undefined || start + offset >= size ? undefined : base + start + offset;
  }

  #read(offset: number, length: number): Uint8Array {
    const address = this.#addressOf(offset);
    const access = this.#board.access();
    if (address === undefined || access.protection > 0) return new Uint8Array();
    const { flash } = access.space;
    const { data, faultAt } = flash.read(
      address,
      Math.min(length, flash.base + flash.size - address),
    );
    if (faultAt !== undefined) {
      this.#board.rebooted();
      this.#gone = true;
    }
    return data;
  }

  /** The block that is in the buffer. */
  #write(offset: number, length: number): Written {
    const address = this.#addressOf(offset);
    if (address === undefined)
      return ended(offset === 0 ? DfuStatus.ErrWrite : DfuStatus.ErrAddress);
    const { granule } = this.#board.access().space.flash.rules;
    this.#boot.buffer.fill(0xff, length);
    const whole = Math.ceil(length / granule) * granule;
    let pollMs = 0;
    let takesMs = 0;
    for (const operation of [
      ...this.#erasesOf(address, length),
      { kind: "program", address, length: whole } as const,
    ]) {
      const done = this.#perform(operation);
      if (this.#gone || done.status !== DfuStatus.Ok) return done;
      pollMs += done.pollMs;
      takesMs += done.takesMs;
    }
    return { status: DfuStatus.Ok, pollMs: Math.max(1, Math.ceil(pollMs)), takesMs };
  }

  /** A block that starts inside a sector finds it erased by an earlier one, unless it is the first of the area. */
  #erasesOf(address: number, length: number): readonly Operation[] {
    const { flash } = this.#board.access().space;
    const erases: Operation[] = [];
    for (let at = address; at < address + length && flash.contains(at); ) {
      const sector = flash.sectorAt(at);
      if (sector === undefined) break;
      const start = flash.base + sector.start;
      if (start >= address) erases.push({ kind: "erase", address: start });
      at = start + sector.size;
    }
    return erases;
  }

  #perform(operation: Operation): Written {
    const access = this.#board.access();
    const fault = this.#board.faultOf(operation);
    const duration = durationOf(operation, this.#part, access.space);
    const pollMs = duration.typical;
    if (fault.wedge !== undefined) {
      if (fault.wedgedWhenDone) perform(operation, fault, this.#boot, access, undefined);
      this.#wedge = fault.wedge;
      return { status: DfuStatus.Ok, pollMs, takesMs: Number.POSITIVE_INFINITY };
    }
    if (fault.cut !== undefined) return this.#cut(operation, fault.cut, access);
    const slow = fault.slowFactor ?? 1;
    const base =
      this.#timing === "none" && slow === 1
        ? 0
        : this.#timing === "maximum"
          ? duration.maximum
          : duration.typical;
    const takesMs = base * Math.max(slow, fault.busyFactor ?? 1);
    const interruption = takesMs > 0 ? interruptionOf(operation, this.#boot, access) : undefined;
    const { status } = perform(operation, fault, this.#boot, access, undefined);
    if (interruption) this.#flash.begin(this.#clock.now(), takesMs, interruption);
    return { status, pollMs, takesMs };
  }

  #cut(
    operation: Operation,
    { by, afterBytes, backAfterMs }: NonNullable<OperationFault["cut"]>,
    access: ReturnType<Board["access"]>,
  ): Written {
    cutPower(operation, afterBytes, this.#boot, access);
    if (by === "power") this.#board.powerLost(backAfterMs);
    else this.#board.rebooted(backAfterMs);
    this.#gone = true;
    return ended(DfuStatus.Ok);
  }
}

const ended = (status: number): Written => ({ status, pollMs: 0, takesMs: 0 });
