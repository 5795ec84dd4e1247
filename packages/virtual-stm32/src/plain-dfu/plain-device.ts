import {
  type Clock,
  type DeviceDescriptors,
  DfuRequest,
  DfuState,
  DfuStatus,
  type DfuTransport,
  LinkError,
  LinkFault,
} from "@flashline/dfu-core/protocol";

/** A device that speaks plain DFU 1.1: one memory, no addresses. Times are of its clock. */
export interface PlainDeviceOptions {
  readonly clock: Clock;
  readonly transferSize?: number;
  /** Bytes of its memory. */
  readonly size?: number;
  readonly canUpload?: boolean;
  /** Names of its alternates; only the last one is its flash, and the others refuse every block. One when not given. */
  readonly alternates?: readonly string[];
  /** Back in dfuIDLE after manifestation; otherwise it waits for a reset. */
  readonly tolerant?: boolean;
  /** After that reset it is a DFU device again, not the application. */
  readonly comesBack?: boolean;
  /** Told before each transfer (request, running number); what it names happens to that transfer. */
  readonly fault?: (request: number, count: number) => PlainFault | undefined;
}

/** `drop`: a block is acknowledged and not kept. `flip`: one of its bits is. */
export type PlainFault = "stall" | "lost" | "lost-status" | "drop" | "flip" | "gone" | "refuse";

const PROGRAM_MS = 3;

/**
 * A product's own bootloader that speaks USB DFU 1.1 without DfuSe, strictly: blocks in order from 0, none longer than
 * wTransferSize, no request in a state that does not take it. What a host does wrong is kept in `illegal`.
 */
export class PlainDevice implements DfuTransport {
  readonly descriptors: DeviceDescriptors;
  readonly memory: Uint8Array;
  readonly illegal: string[] = [];
  readonly #options: PlainDeviceOptions;
  readonly #counts = new Map<number, number>();
  #state: number = DfuState.Idle;
  #status: number = DfuStatus.Ok;
  #next = 0;
  #busyUntil = 0;
  #away = false;
  #alternate = 0;

  constructor(options: PlainDeviceOptions) {
    const { transferSize = 64, size = 1024, canUpload = true, tolerant = true } = options;
    this.#options = options;
    this.memory = new Uint8Array(size).fill(0xff);
    this.descriptors = {
      vendorId: 0x1209,
      productId: 0x0001,
      bcdUsb: 0x0200,
      bcdDevice: 0x0100,
      manufacturer: "",
      product: "Plain bootloader",
      serial: "1",
      interfaceNumber: 0,
      alternates: (options.alternates ?? ["firmware"]).map((name, alternate) => ({
        alternate,
        protocol: 2,
        name,
      })),
      functional: {
        attributes: 1 | (canUpload ? 2 : 0) | (tolerant ? 4 : 0),
        detachTimeoutMs: 255,
        transferSize,
        dfuVersion: 0x0110,
      },
    };
  }

  get #transferSize(): number {
    return this.descriptors.functional?.transferSize ?? 0;
  }

  async controlOut(
    request: number,
    value: number,
    data: Uint8Array,
    timeoutMs: number,
  ): Promise<void> {
    const fault = await this.#begin(request, timeoutMs);
    switch (request) {
      case DfuRequest.Dnload:
        this.#download(value, data, fault);
        break;
      case DfuRequest.ClrStatus:
        if (this.#state !== DfuState.Error) throw this.#stall("CLRSTATUS outside dfuERROR");
        this.#idle();
        break;
      case DfuRequest.Abort:
        if (this.#state === DfuState.Error) throw this.#stall("ABORT in dfuERROR");
        this.#idle();
        break;
      default:
        throw this.#stall(`request ${request}`);
    }
    if (fault === "lost-status") await this.#lose(timeoutMs);
  }

  async controlIn(
    request: number,
    value: number,
    length: number,
    timeoutMs: number,
  ): Promise<Uint8Array> {
    const fault = await this.#begin(request, timeoutMs);
    const reply = this.#read(request, value, length);
    if (fault === "lost-status") await this.#lose(timeoutMs);
    return reply;
  }

  async selectAlternate(alternate = 0): Promise<void> {
    await this.#begin(-1, 1000);
    this.#alternate = alternate;
    this.#idle();
  }

  async reset(): Promise<boolean> {
    await this.#begin(-1, 1000);
    const waits = this.#state === DfuState.ManifestWaitReset;
    this.#idle();
    this.#away = waits && this.#options.comesBack === false;
    return true;
  }

  async reenumerate(deadlineMs: number): Promise<void> {
    if (this.#away && this.#options.comesBack === false) {
      await this.#options.clock.sleep(deadlineMs);
      throw new LinkError(LinkFault.Gone, "the application runs");
    }
    this.#away = false;
    this.#alternate = 0;
    this.#idle();
    await this.#options.clock.sleep(100);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #idle(): void {
    this.#state = DfuState.Idle;
    this.#status = DfuStatus.Ok;
    this.#next = 0;
  }

  #stall(why: string): LinkError {
    this.illegal.push(`${why} in state ${this.#state}`);
    this.#state = DfuState.Error;
    this.#status = DfuStatus.ErrStalledPacket;
    return new LinkError(LinkFault.Stall, "STALL");
  }

  async #lose(timeoutMs: number): Promise<never> {
    await this.#options.clock.sleep(timeoutMs);
    throw new LinkError(LinkFault.Timeout, `no answer within ${timeoutMs} ms`);
  }

  async #begin(request: number, timeoutMs: number): Promise<PlainFault | undefined> {
    await this.#options.clock.sleep(0.5);
    if (this.#away) throw new LinkError(LinkFault.Gone, "not on the port");
    const count = (this.#counts.get(request) ?? 0) + 1;
    this.#counts.set(request, count);
    const fault = this.#options.fault?.(request, count);
    if (fault === "stall") throw new LinkError(LinkFault.Stall, "STALL");
    if (fault === "lost") await this.#lose(timeoutMs);
    if (fault === "gone") {
      this.#away = true;
      throw new LinkError(LinkFault.Gone, "left the port");
    }
    return fault;
  }

  #download(block: number, data: Uint8Array, fault: PlainFault | undefined): void {
    const first = this.#state === DfuState.Idle;
    if (!first && this.#state !== DfuState.DnloadIdle) throw this.#stall("DNLOAD");
    if (first && data.length === 0) throw this.#stall("empty DNLOAD");
    if (data.length > this.#transferSize || (data.length > 0 && block !== this.#next)) {
      throw this.#stall(`block ${block} of ${data.length} bytes`);
    }
    if (fault === "refuse" || this.#alternate !== this.descriptors.alternates.length - 1) {
      this.#state = DfuState.Error;
      this.#status = DfuStatus.ErrWrite;
      return;
    }
    if (data.length === 0) {
      this.#state = DfuState.ManifestSync;
      return;
    }
    const at = block * this.#transferSize;
    if (at + data.length > this.memory.length) {
      this.#state = DfuState.Error;
      this.#status = DfuStatus.ErrAddress;
      return;
    }
    if (first) this.memory.fill(0xff);
    if (fault !== "drop") this.memory.set(data, at);
    if (fault === "flip") this.memory[at] = (this.memory[at] ?? 0) ^ 1;
    this.#next = block + 1;
    this.#state = DfuState.DnloadSync;
    this.#busyUntil = 0;
  }

  #read(request: number, value: number, length: number): Uint8Array {
    if (request === DfuRequest.GetState) return Uint8Array.of(this.#state);
    if (request === DfuRequest.GetStatus) {
      this.#advance();
      const poll = this.#state === DfuState.DnBusy ? PROGRAM_MS : 0;
      return Uint8Array.of(this.#status, poll, 0, 0, this.#state, 0);
    }
    const starts = this.#state === DfuState.Idle && value === 0;
    const canUpload = this.#options.canUpload ?? true;
    if (!canUpload || (!starts && this.#state !== DfuState.UploadIdle)) throw this.#stall("UPLOAD");
    const at = value * this.#transferSize;
    const bytes = this.memory.slice(at, at + length);
    this.#state = bytes.length < length ? DfuState.Idle : DfuState.UploadIdle;
    return bytes;
  }

  /** GETSTATUS moves the device on (USB DFU 1.1, figure A.1). */
  #advance(): void {
    const now = this.#options.clock.now();
    switch (this.#state) {
      case DfuState.DnloadSync:
        this.#busyUntil ||= now + PROGRAM_MS;
        this.#state = now < this.#busyUntil ? DfuState.DnBusy : DfuState.DnloadIdle;
        break;
      case DfuState.DnBusy:
        if (now >= this.#busyUntil) this.#state = DfuState.DnloadIdle;
        break;
      case DfuState.ManifestSync:
        this.#state = DfuState.Manifest;
        break;
      case DfuState.Manifest:
        this.#state = this.#options.tolerant === false ? DfuState.ManifestWaitReset : DfuState.Idle;
        this.#next = 0;
        break;
      default:
    }
  }
}
