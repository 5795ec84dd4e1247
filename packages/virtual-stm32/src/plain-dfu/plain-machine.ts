import { type Clock, DfuRequest, DfuState, DfuStatus } from "@flashline/dfu-core/protocol";

/** The memory that a plain device writes and reads, as offsets from where its application starts. */
export interface PlainMemory {
  /** One block in order; the first one of a download says so. It is done at once, and the device says how long it is busy with it. */
  write(offset: number, data: Uint8Array, first: boolean): Written;
  /** What there is from there on, at most so many bytes. */
  read(offset: number, length: number): Uint8Array;
}

/** How a block ended, and how long it takes, in ms: what the host is told, and what it is. */
export interface Written {
  readonly status: number;
  readonly pollMs: number;
  readonly takesMs: number;
}

/** What bmAttributes says, and wTransferSize in bytes. */
export interface PlainTraits {
  readonly transferSize: number;
  readonly canUpload: boolean;
  /** Back in dfuIDLE after manifestation; otherwise it waits for a reset. */
  readonly tolerant: boolean;
}

/**
 * The states of USB DFU 1.1 (figure A.1) without the extension of ST. It is strict: blocks come in order from 0, none is longer
 * than wTransferSize, and no request comes in a state that does not take it. `illegal` is told what a host does wrong.
 */
export class PlainMachine {
  readonly #traits: PlainTraits;
  readonly #memory: PlainMemory;
  readonly #clock: Clock;
  readonly #illegal: (why: string) => void;
  #state: number = DfuState.Idle;
  #status: number = DfuStatus.Ok;
  /** Number of the block that is expected. */
  #next = 0;
  #pollMs = 0;
  #takesMs = 0;
  #busyUntil = 0;

  constructor(
    traits: PlainTraits,
    memory: PlainMemory,
    clock: Clock,
    illegal: (why: string) => void,
  ) {
    this.#traits = traits;
    this.#memory = memory;
    this.#clock = clock;
    this.#illegal = illegal;
  }

  get state(): number {
    return this.#state;
  }

  /** As after SET_CONFIGURATION, ABORT or CLRSTATUS. */
  idle(): void {
    this.#state = DfuState.Idle;
    this.#status = DfuStatus.Ok;
    this.#next = 0;
  }

  /** An OUT request; false for a STALL. */
  out(request: number, value: number, data: Uint8Array): boolean {
    switch (request) {
      case DfuRequest.Dnload:
        return this.#download(value, data);
      case DfuRequest.ClrStatus:
        if (this.#state !== DfuState.Error) return this.#stall("CLRSTATUS outside dfuERROR");
        this.idle();
        return true;
      case DfuRequest.Abort:
        if (this.#state === DfuState.Error) return this.#stall("ABORT in dfuERROR");
        this.idle();
        return true;
      default:
        return this.#stall(`request ${request}`);
    }
  }

  /** An IN request; undefined for a STALL. */
  in(request: number, value: number, length: number): Uint8Array | undefined {
    if (request === DfuRequest.GetState) return Uint8Array.of(this.#state).subarray(0, length);
    if (request === DfuRequest.GetStatus) return this.#getStatus().subarray(0, length);
    if (request === DfuRequest.Upload) return this.#upload(value, length);
    this.#stall(`request ${request}`);
    return undefined;
  }

  #stall(why: string): false {
    this.#illegal(`${why} in state ${this.#state}`);
    this.#fail(DfuStatus.ErrStalledPacket);
    return false;
  }

  #fail(status: number): void {
    this.#state = DfuState.Error;
    this.#status = status;
  }

  #download(block: number, data: Uint8Array): boolean {
    const first = this.#state === DfuState.Idle;
    if (!first && this.#state !== DfuState.DnloadIdle) return this.#stall("DNLOAD");
    if (first && data.length === 0) return this.#stall("empty DNLOAD");
    const { transferSize } = this.#traits;
    if (data.length > transferSize || (data.length > 0 && block !== (this.#next & 0xffff))) {
      return this.#stall(`block ${block} of ${data.length} bytes`);
    }
    if (data.length === 0) {
      this.#state = DfuState.ManifestSync;
      return true;
    }
    const { status, pollMs, takesMs } = this.#memory.write(this.#next * transferSize, data, first);
    if (status !== DfuStatus.Ok) {
      this.#fail(status);
      return true;
    }
    this.#next += 1;
    this.#state = DfuState.DnloadSync;
    this.#pollMs = pollMs;
    this.#takesMs = takesMs;
    return true;
  }

  #upload(block: number, length: number): Uint8Array | undefined {
    const starts = this.#state === DfuState.Idle && block === 0;
    if (!this.#traits.canUpload || (!starts && this.#state !== DfuState.UploadIdle)) {
      this.#stall("UPLOAD");
      return undefined;
    }
    const bytes = this.#memory.read(block * this.#traits.transferSize, length);
    this.#state = bytes.length < length ? DfuState.Idle : DfuState.UploadIdle;
    return bytes;
  }

  /** GETSTATUS moves the device on. */
  #getStatus(): Uint8Array {
    const now = this.#clock.now();
    switch (this.#state) {
      case DfuState.DnloadSync:
        this.#busyUntil = now + this.#takesMs;
        this.#state = DfuState.DnBusy;
        break;
      case DfuState.DnBusy:
        if (now >= this.#busyUntil) this.#state = DfuState.DnloadIdle;
        break;
      case DfuState.ManifestSync:
        this.#state = DfuState.Manifest;
        break;
      case DfuState.Manifest:
        this.#state = this.#traits.tolerant ? DfuState.Idle : DfuState.ManifestWaitReset;
        this.#next = 0;
        break;
      default:
    }
    const poll = this.#state === DfuState.DnBusy ? this.#pollMs : 0;
    const bytes = [this.#status, poll & 0xff, (poll >> 8) & 0xff, (poll >> 16) & 0xff];
    return Uint8Array.of(...bytes, this.#state, 0);
  }
}
