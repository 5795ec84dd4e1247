import { type Clock, DfuRequest, DfuState, DfuStatus } from "@flashline/dfu-core/protocol";
import type { Part } from "../parts/index.ts";
import {
  answer,
  type ControlReply,
  GONE,
  isIn,
  LOST,
  type SetupPacket,
  stall,
} from "../usb/setup.ts";
import type { Board } from "./board.ts";
import { perform } from "./execution.ts";
import { FlashWork } from "./flash-work.ts";
import { checkForm } from "./form.ts";
import { cutPower, interruptionOf } from "./interruption.ts";
import type { Journal } from "./journal.ts";
import { asLibrary, decode, durationOf, pollTimeOf, usesFlash } from "./operation.ts";
import { type BootState, initialise, powerOn, toError, toIdle, type Wedge } from "./state.ts";
import { upload } from "./upload.ts";

/** How long operations really take: datasheet figures, or nothing at all (poll times are reported all the same). */
export type Timing = "typical" | "maximum" | "none";

/** ST's DFU state machine: the class requests of the interface. The rest of the bus belongs to the unit. */
export class Bootloader {
  readonly #part: Part;
  readonly #clock: Clock;
  readonly #timing: Timing;
  readonly #journal: Journal;
  readonly #board: Board;
  readonly #boot: BootState;
  readonly #flash = new FlashWork();

  constructor(part: Part, clock: Clock, timing: Timing, journal: Journal, board: Board) {
    this.#part = part;
    this.#clock = clock;
    this.#timing = timing;
    this.#journal = journal;
    this.#board = board;
    this.#boot = powerOn(part.usb.transferSize, this.#defaultPointer);
    if (part.rom.start === "error-firmware") toError(this.#boot, DfuStatus.ErrFirmware);
  }

  /** bState as GETSTATE would answer now. */
  get state(): number {
    this.#settle();
    return this.#boot.state;
  }

  initialise(): void {
    initialise(this.#boot, this.#defaultPointer);
  }

  get #defaultPointer(): number {
    return this.#part.rom.defaultPointer ?? this.#part.flash.base;
  }

  get #isLibrary(): boolean {
    return this.#part.rom.library !== undefined;
  }

  /** Hangs in dfuDNBUSY even through a power cycle when `clearedBy` is never. */
  wedge(wedge: Wedge): void {
    this.#boot.untouched = false;
    this.#boot.state = DfuState.DnBusy;
    this.#boot.wedge = wedge;
  }

  /** Power is gone, or the core was reset: the flash operation under way stops in the middle. */
  powerLost(): void {
    this.#flash.cut(this.#clock.now());
  }

  get wedged(): Wedge | undefined {
    return this.#boot.wedge;
  }

  /** `dataLost`: the SETUP arrived and the data stage did not; the buffer keeps what it held. */
  control(setup: SetupPacket, data: Uint8Array, dataLost = false): ControlReply {
    this.#settle();
    checkForm(setup, this.#journal);
    if (this.#boot.wedge?.silent === true) return LOST;
    if (setup.request !== DfuRequest.GetStatus && setup.request !== DfuRequest.GetState) {
      this.#boot.untouched = false;
    }
    switch (setup.request) {
      case DfuRequest.Dnload:
        return this.#download(setup, data, dataLost);
      case DfuRequest.Upload:
        return isIn(setup)
          ? upload(setup, this.#boot, this.#part, this.#board, this.#journal, this.#flashBusyMs)
          : this.#unknown(setup);
      case DfuRequest.GetStatus:
        return isIn(setup) ? this.#getStatus(setup) : this.#unknown(setup);
      case DfuRequest.ClrStatus:
        return this.#clearStatus();
      case DfuRequest.GetState:
        return answer(Uint8Array.of(this.#boot.state).subarray(0, setup.length));
      case DfuRequest.Abort:
        return this.#abort();
      case DfuRequest.Detach:
        return answer();
      default:
        return this.#unknown(setup);
    }
  }

  #unknown(setup: SetupPacket): ControlReply {
    this.#journal.reject("request.unknown", `bRequest ${setup.request}`);
    return stall();
  }

  #download(setup: SetupPacket, data: Uint8Array, dataLost: boolean): ControlReply {
    const boot = this.#boot;
    if (isIn(setup)) return this.#unknown(setup);
    if (boot.state !== DfuState.Idle && boot.state !== DfuState.DnloadIdle) {
      this.#journal.reject("dnload.state", `in state ${boot.state}`);
      return stall();
    }
    if (setup.length === 0) {
      boot.state = DfuState.ManifestSync;
      boot.length = 0;
      return answer();
    }
    if (setup.value === 1 && !this.#isLibrary) {
      return this.#refuse("dnload.block1", "wBlockNum 1 is reserved");
    }
    if (setup.length > this.#part.usb.transferSize) {
      return this.#refuse("dnload.too_long", `${setup.length} bytes`);
    }
    boot.block = setup.value;
    boot.length = setup.length;
    boot.state = DfuState.DnloadSync;
    if (!dataLost) boot.buffer.set(data.subarray(0, setup.length));
    if (setup.value >= 2) this.#noteBlock(setup);
    return answer();
  }

  #noteBlock(setup: SetupPacket): void {
    const boot = this.#boot;
    if (boot.afterShort && setup.value > 2) {
      this.#journal.reject(
        "dnload.after_short",
        `block ${setup.value} after a short one without SET_ADDRESS`,
      );
    }
    if (setup.length < this.#part.usb.transferSize) boot.afterShort = true;
  }

  #refuse(code: string, detail: string): ControlReply {
    this.#journal.reject(code, detail);
    return stall();
  }

  #getStatus(setup: SetupPacket): ControlReply {
    const boot = this.#boot;
    switch (boot.state) {
      case DfuState.DnloadSync:
        if (boot.length > 0) return this.#execute(setup);
        boot.state = DfuState.DnloadIdle;
        return this.#status(setup);
      case DfuState.DnBusy:
        return this.#statusWhileBusy(setup);
      case DfuState.ManifestSync:
        return this.#leave(setup);
      default:
        return this.#status(setup);
    }
  }

  #status(setup: SetupPacket, pollMs = 0, afterMs = 0): ControlReply {
    const { state, status } = this.#boot;
    const bytes = [status, pollMs & 0xff, (pollMs >> 8) & 0xff, (pollMs >> 16) & 0xff, state, 0];
    return answer(Uint8Array.from(bytes).subarray(0, setup.length), afterMs);
  }

  #statusWhileBusy(setup: SetupPacket): ControlReply {
    const { running, wedge } = this.#boot;
    const left = running ? running.until - this.#clock.now() : 0;
    // The announced time does not grow, however long the operation takes. A host that lost step with the unit sees a long run
    // of dfuDNBUSY.
    const pollMs = Math.max(1, running?.pollMs ?? 1);
    if (wedge !== undefined || left <= 0) return this.#status(setup, pollMs);
    switch (this.#part.rom.earlyPoll) {
      case "busy":
        return this.#status(setup, pollMs);
      case "stall":
        return this.#refuse("poll.early", `${Math.ceil(left)} ms before the operation is over`);
      case "block":
        this.#finish();
        this.#boot.state =
          this.#boot.state === DfuState.Error ? DfuState.Error : DfuState.DnloadIdle;
        return this.#status(setup, 0, left);
    }
  }

  #leave(setup: SetupPacket): ControlReply {
    const boot = this.#boot;
    boot.state = DfuState.Manifest;
    const answered = this.#board.leavesSilently() ? GONE : this.#status(setup, 1);
    this.#journal.counters.leaves += 1;
    // The library resets the chip, and its own start-up code jumps to the application.
    this.#board.left(this.#isLibrary ? this.#defaultPointer : boot.pointer);
    return answered;
  }

  /** USB DFU library: dfuERROR → dfuIDLE; from anywhere else into dfuERROR with errUNKNOWN (usbd_dfu.c, DFU_ClearStatus). */
  #clearStatus(): ControlReply {
    const boot = this.#boot;
    if (boot.wedge !== undefined && boot.wedge.clearedBy !== "clrstatus") return answer();
    if (boot.state === DfuState.Error) {
      toIdle(boot);
      return answer();
    }
    if (boot.wedge === undefined) {
      this.#journal.reject("clrstatus.state", `in state ${boot.state}`);
      if (this.#part.rom.clrStatusOutsideError === "stall") return stall();
    }
    boot.wedge = undefined;
    boot.running = undefined;
    toError(boot, DfuStatus.ErrUnknown);
    return answer();
  }

  #abort(): ControlReply {
    const boot = this.#boot;
    if (boot.wedge?.clearedBy === "abort") {
      boot.wedge = undefined;
      toIdle(boot);
      return answer();
    }
    // dfuERROR, dfuDNBUSY and dfuMANIFEST take the request and stay (usbd_dfu.c, DFU_Abort).
    if (boot.state !== DfuState.Error && boot.state !== DfuState.DnBusy) toIdle(boot);
    return answer();
  }

  #execute(setup: SetupPacket): ControlReply {
    const boot = this.#boot;
    const { transferSize } = this.#part.usb;
    const decoded = decode(boot.block, boot.length, boot.buffer, boot.pointer, transferSize);
    const operation = this.#isLibrary ? asLibrary(decoded, boot.block) : decoded;
    const now = this.#clock.now();
    const lost = operation.kind === "program" && this.#flash.isErasing(operation.address, now);
    const fault = { ...this.#board.faultOf(operation), ...(lost ? { dropped: true } : {}) };
    const access = this.#board.access();
    const duration = durationOf(operation, this.#part, access.space);
    boot.state = DfuState.DnBusy;
    const poll = pollTimeOf(operation, this.#part, duration.typical);
    if (fault.wedge !== undefined) {
      if (fault.wedgedWhenDone) {
        perform(operation, fault, boot, access, this.#part.rom.library);
      }
      boot.wedge = fault.wedge;
      return this.#status(setup, poll);
    }
    if (fault.cut !== undefined) {
      cutPower(operation, fault.cut.afterBytes, boot, access);
      const { by, backAfterMs } = fault.cut;
      if (by === "power") this.#board.powerLost(backAfterMs);
      else this.#board.rebooted(backAfterMs);
      return GONE;
    }
    const slow = (fault.slowFactor ?? 1) !== 1 || (fault.busyFactor ?? 1) !== 1;
    const base = this.#timing === "none" && !slow ? 0 : this.#figure(duration);
    const works = base * (fault.slowFactor ?? 1);
    const lasts = fault.reportedEarly ? 0 : Math.max(works, base * (fault.busyFactor ?? 1));
    if (fault.reportedEarly && operation.kind === "erase") {
      this.#flash.goOnErasing(access.space.flash, operation.address, now + this.#figure(duration));
    }
    const spared = fault.dropped === true || fault.falseStatus !== undefined;
    const interruption = lasts > 0 && !spared ? interruptionOf(operation, boot, access) : undefined;
    const { status, resets } = perform(operation, fault, boot, access, this.#part.rom.library);
    if (this.#isLibrary && status !== DfuStatus.Ok) {
      // USBD_FAIL leaves the state as it is; the library has no way to report that an operation failed.
      boot.wedge = { clearedBy: "clrstatus", silent: false };
      return this.#status(setup, poll);
    }
    if (resets) {
      this.#board.rebooted();
      return this.#status(setup, poll);
    }
    const from = usesFlash(operation) ? this.#flash.freeAt(now) : now;
    boot.running = { until: from + lasts, status, pollMs: poll };
    if (interruption) this.#flash.begin(now, works, interruption);
    return this.#status(setup, poll);
  }

  #figure(duration: { readonly typical: number; readonly maximum: number }): number {
    return this.#timing === "maximum" ? duration.maximum : duration.typical;
  }

  /** How long a read of the flash has to wait now. */
  get #flashBusyMs(): number {
    const now = this.#clock.now();
    return this.#flash.freeAt(now) - now;
  }

  #settle(): void {
    const { running, wedge } = this.#boot;
    if (running && wedge === undefined && this.#clock.now() >= running.until) this.#finish();
  }

  /** The operation is over: the library waits in dfuDNLOAD-SYNC with nothing to do, or is in dfuERROR. */
  #finish(): void {
    const boot = this.#boot;
    const status = boot.running?.status ?? DfuStatus.Ok;
    boot.running = undefined;
    if (status !== DfuStatus.Ok) {
      toError(boot, status);
      return;
    }
    boot.state = DfuState.DnloadSync;
    boot.block = 0;
    boot.length = 0;
  }
}
