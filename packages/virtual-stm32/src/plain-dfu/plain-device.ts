import {
  type Clock,
  type DeviceDescriptors,
  DfuState,
  DfuStatus,
  type DfuTransport,
  LinkError,
  LinkFault,
} from "@flashline/dfu-core/protocol";
import { PlainMachine, type Written } from "./plain-machine.ts";

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
 * A product's own bootloader that speaks USB DFU 1.1 without DfuSe, as a transport: what a test does to single transfers, and memory that is
 * no chip's. Over wires it is a part of its own ({@link PlainMachine} is the same). What a host does wrong is kept in `illegal`.
 */
export class PlainDevice implements DfuTransport {
  readonly descriptors: DeviceDescriptors;
  readonly memory: Uint8Array;
  readonly illegal: string[] = [];
  readonly #options: PlainDeviceOptions;
  readonly #counts = new Map<number, number>();
  readonly #machine: PlainMachine;
  /** Of the transfer at hand. */
  #fault: PlainFault | undefined;
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
    this.#machine = new PlainMachine(
      { transferSize, canUpload, tolerant },
      {
        write: this.#write.bind(this),
        read: (offset, length) => this.memory.slice(offset, offset + length),
      },
      options.clock,
      (why) => this.illegal.push(why),
    );
  }

  async controlOut(
    request: number,
    value: number,
    data: Uint8Array,
    timeoutMs: number,
  ): Promise<void> {
    const fault = await this.#begin(request, timeoutMs);
    this.#fault = fault;
    if (!this.#machine.out(request, value, data)) throw stalled();
    if (fault === "lost-status") await this.#lose(timeoutMs);
  }

  async controlIn(
    request: number,
    value: number,
    length: number,
    timeoutMs: number,
  ): Promise<Uint8Array> {
    const fault = await this.#begin(request, timeoutMs);
    const reply = this.#machine.in(request, value, length);
    if (reply === undefined) throw stalled();
    if (fault === "lost-status") await this.#lose(timeoutMs);
    return reply;
  }

  async selectAlternate(alternate = 0): Promise<void> {
    await this.#begin(-1, 1000);
    this.#alternate = alternate;
    this.#machine.idle();
  }

  async reset(): Promise<boolean> {
    await this.#begin(-1, 1000);
    const waits = this.#machine.state === DfuState.ManifestWaitReset;
    this.#machine.idle();
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
    this.#machine.idle();
    await this.#options.clock.sleep(100);
  }

  close(): Promise<void> {
    return Promise.resolve();
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

  #write(offset: number, data: Uint8Array, first: boolean): Written {
    const refuses = this.#alternate !== this.descriptors.alternates.length - 1;
    if (this.#fault === "refuse" || refuses) return ended(DfuStatus.ErrWrite);
    if (offset + data.length > this.memory.length) return ended(DfuStatus.ErrAddress);
    if (first) this.memory.fill(0xff);
    if (this.#fault !== "drop") this.memory.set(data, offset);
    if (this.#fault === "flip") this.memory[offset] = (this.memory[offset] ?? 0) ^ 1;
    return { status: DfuStatus.Ok, pollMs: PROGRAM_MS, takesMs: PROGRAM_MS };
  }
}

const ended = (status: number): Written => ({ status, pollMs: 0, takesMs: 0 });
const stalled = (): LinkError => new LinkError(LinkFault.Stall, "STALL");
