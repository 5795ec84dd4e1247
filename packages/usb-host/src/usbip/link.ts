import { type AbortSignalLike, LinkError, LinkFault } from "@flashline/dfu-core/protocol";
import { linkErrorFromUrb } from "../errors.ts";
import type { ImportedDevice } from "./operations.ts";
import type { ByteStream } from "./stream.ts";
import {
  Command,
  decodeReply,
  encodeSubmit,
  encodeUnlink,
  type RemoteDevice,
  type Setup,
  URB_HEADER_BYTES,
} from "./wire.ts";

/** A server that does not even answer CMD_UNLINK within this time is given up. */
const UNLINK_TIMEOUT_MS = 2000;

/**
 * A time-out is never shorter than this: network and process need real time, however fast the unit's clock runs. Milliseconds.
 */
const MINIMUM_TIMEOUT_MS = 250;

interface PendingUrb {
  readonly isIn: boolean;
  /** Bytes that were asked for, at most 65535. */
  readonly length: number;
  readonly what: string;
  resolve(data: Uint8Array): void;
  reject(reason: unknown): void;
}

/** Control transfers on an imported device. */
export class UrbLink {
  readonly device: RemoteDevice;
  readonly #stream: ByteStream;
  readonly #devid: number;
  readonly #pending = new Map<number, PendingUrb>();
  /** Sequence number of a CMD_UNLINK → the URB it is for and why. */
  readonly #unlinks = new Map<number, { readonly victim: number; readonly reason: unknown }>();
  #seqnum = 0;
  #ended: LinkError | undefined;
  readonly #timeScale: number;

  /** `timeScale`: real milliseconds for one millisecond of a time-out. */
  constructor({ device, stream }: ImportedDevice, timeScale = 1) {
    this.#timeScale = timeScale;
    this.device = device;
    this.#stream = stream;
    this.#devid = ((device.busNumber << 16) | device.deviceNumber) >>> 0;
    void this.#receive();
  }

  /**
   * One control transfer on endpoint 0. Returns the data of an IN, nothing for an OUT.
   * @throws LinkError, or `signal.reason` when aborted
   */
  control(
    setup: Setup,
    data: Uint8Array,
    timeoutMs: number,
    signal?: AbortSignalLike,
  ): Promise<Uint8Array> {
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const seqnum = this.#next();
    const isIn = (setup.requestType & 0x80) !== 0;
    const what = `control ${isIn ? "in" : "out"} 0x${setup.request.toString(16)} on ${this.device.busid}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => {
          const message = `${what}: no answer within ${timeoutMs} ms`;
          this.#unlink(seqnum, new LinkError(LinkFault.Timeout, message));
        },
        Math.max(MINIMUM_TIMEOUT_MS, timeoutMs * this.#timeScale),
      );
      const onAbort = () => this.#unlink(seqnum, signal?.reason);
      signal?.addEventListener("abort", onAbort, { once: true });
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        this.#pending.delete(seqnum);
      };
      this.#pending.set(seqnum, {
        isIn,
        length: setup.length,
        what,
        resolve: (bytes) => {
          settle();
          resolve(bytes);
        },
        reject: (reason) => {
          settle();
          reject(reason);
        },
      });
      this.#stream.write(encodeSubmit(seqnum, this.#devid, setup, data));
    });
  }

  close(): void {
    this.#stream.close();
  }

  #next(): number {
    this.#seqnum = (this.#seqnum + 1) >>> 0;
    return this.#seqnum;
  }

  /** The URB's promise settles with RET_UNLINK, or with RET_SUBMIT when the answer was already on its way. */
  #unlink(victim: number, reason: unknown): void {
    const seqnum = this.#next();
    this.#unlinks.set(seqnum, { victim, reason });
    this.#stream.write(encodeUnlink(seqnum, this.#devid, victim));
    setTimeout(() => {
      if (!this.#unlinks.delete(seqnum)) return;
      this.#pending.get(victim)?.reject(reason);
      this.#stream.close();
    }, UNLINK_TIMEOUT_MS).unref();
  }

  async #receive(): Promise<void> {
    try {
      for (;;) await this.#receiveOne();
    } catch (error) {
      const ended =
        error instanceof LinkError
          ? error
          : new LinkError(LinkFault.Gone, "USB/IP connection ended", { cause: error });
      this.#ended = ended;
      this.#stream.close();
      this.#unlinks.clear();
      for (const urb of [...this.#pending.values()]) urb.reject(ended);
    }
  }

  async #receiveOne(): Promise<void> {
    const reply = decodeReply(await this.#stream.read(URB_HEADER_BYTES));
    if (reply.command === Command.ReturnUnlink) {
      const unlink = this.#unlinks.get(reply.seqnum);
      this.#unlinks.delete(reply.seqnum);
      if (unlink !== undefined) this.#pending.get(unlink.victim)?.reject(unlink.reason);
      return;
    }
    const urb = this.#pending.get(reply.seqnum);
    if (reply.command !== Command.ReturnSubmit || urb === undefined) {
      // The length of an answer depends on the direction. Without it nobody knows where the next header begins.
      throw new LinkError(
        LinkFault.Gone,
        `USB/IP server sent an unexpected reply ${reply.command}`,
      );
    }
    if (urb.isIn && reply.actualLength > urb.length) {
      const answered = `${reply.actualLength} bytes where ${urb.length} were asked for`;
      throw new LinkError(LinkFault.Gone, `USB/IP server sent ${answered}: ${urb.what}`);
    }
    const data = urb.isIn ? await this.#stream.read(reply.actualLength) : new Uint8Array();
    if (reply.status === 0) urb.resolve(new Uint8Array(data));
    else urb.reject(linkErrorFromUrb(reply.status, urb.what));
  }
}
