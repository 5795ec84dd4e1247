import {
  type AbortSignalLike,
  type DeviceDescriptors,
  type DfuRequest,
  type DfuTransport,
  LinkError,
  LinkFault,
} from "@flashline/dfu-core/protocol";
import { EmptyTime } from "../empty-time.ts";
import { linkErrorFrom } from "../errors.ts";
import { pause } from "../pause.ts";
import { describeOpened, findOnPort, type UsbDevice } from "./device.ts";
import { cyclePortPower } from "./port-power.ts";
import { isPortConnected } from "./port-status.ts";

/** How often a port that went empty is looked at. */
const RETRY_MS = 100;
/** How often its hub is asked what it shows. A unit that is back before costs nothing. */
const LOOK_MS = 500;

/**
 * A device that is being pulled out answers with protocol errors until the kernel notices. After such an error the port is
 * watched for so long, milliseconds, before the error counts as one of the link.
 */
const LEAVING_MS = 500;

/**
 * Others may hold a unit's interface for a moment: what looks at each new device (fwupd, udev's probes), a program that was killed just now, the end of a
 * transfer that was called off. The claim is tried again for so long, milliseconds.
 */
const HELD_MS = 1_000;
/** nusb's words for the kernel's EBUSY; its errors carry nothing else. */
const HELD = /interface is busy/i;

interface Opened {
  readonly device: UsbDevice;
  readonly descriptors: DeviceDescriptors;
}

/** A unit on this PC's port as the engine's transport. */
export class KernelTransport implements DfuTransport {
  readonly #portPath: string;
  #opened: Opened;
  #alternate = 0;
  #empty = new EmptyTime();
  /** A native transfer cannot be called back: after an abort the next call waits for its end. */
  #abandoned: Promise<unknown> | undefined;

  private constructor(portPath: string, opened: Opened) {
    this.#portPath = portPath;
    this.#opened = opened;
  }

  static async open(portPath: string): Promise<KernelTransport> {
    return new KernelTransport(portPath, await openOnPort(portPath));
  }

  get descriptors(): DeviceDescriptors {
    return this.#opened.descriptors;
  }

  get disconnectedMs(): number {
    return this.#empty.longestMs;
  }

  async controlOut(
    request: DfuRequest,
    value: number,
    data: Uint8Array,
    timeoutMs: number,
    signal?: AbortSignalLike,
  ): Promise<void> {
    const setup = this.#classSetup(request, value);
    const written = await this.#run(
      `control out ${request}`,
      () => this.#opened.device.nativeControlTransferOut(setup, timeoutMs, data),
      signal,
    );
    if (written < 0) throw this.#stall(`control out ${request}`);
  }

  async controlIn(
    request: DfuRequest,
    value: number,
    length: number,
    timeoutMs: number,
    signal?: AbortSignalLike,
  ): Promise<Uint8Array> {
    const setup = this.#classSetup(request, value);
    const data = await this.#run(
      `control in ${request}`,
      () => this.#opened.device.nativeControlTransferIn(setup, timeoutMs, length),
      signal,
    );
    if (data === null) throw this.#stall(`control in ${request}`);
    return data;
  }

  async selectAlternate(alternate: number, signal?: AbortSignalLike): Promise<void> {
    const { device, descriptors } = this.#opened;
    await this.#run(
      `alternate ${alternate}`,
      () => device.selectAlternateInterface(descriptors.interfaceNumber, alternate),
      signal,
    );
    this.#alternate = alternate;
  }

  /**
   * USBDEVFS_RESET. The interface is released before and claimed after it: the kernel would unbind it, and may then give it to
   * another driver (libusb's linux_usbfs.c, op_reset_device, does the same).
   */
  async reset(signal?: AbortSignalLike): Promise<boolean> {
    const { device, descriptors } = this.#opened;
    const number = descriptors.interfaceNumber;
    await this.#run(
      "bus reset",
      async () => {
        await device.releaseInterface(number);
        await device.reset();
        await claim(device, number);
        if (this.#alternate !== 0) await device.selectAlternateInterface(number, this.#alternate);
      },
      signal,
    );
    return true;
  }

  async reenumerate(deadlineMs: number, signal?: AbortSignalLike): Promise<void> {
    const until = performance.now() + deadlineMs;
    this.#empty = new EmptyTime();
    let lookAt = performance.now() + LOOK_MS;
    await this.close();
    for (;;) {
      signal?.throwIfAborted();
      try {
        this.#opened = await openOnPort(this.#portPath);
        this.#alternate = 0;
        return;
      } catch (error) {
        if (!(error instanceof LinkError)) throw error;
        if (performance.now() >= until) {
          const message = `nothing answers on port ${this.#portPath} after ${deadlineMs} ms`;
          throw new LinkError(LinkFault.Gone, message, { cause: error });
        }
      }
      if (performance.now() >= lookAt) {
        this.#empty.saw((await isPortConnected(this.#portPath)) === false);
        lookAt = performance.now() + LOOK_MS;
      }
      await pause(RETRY_MS, signal);
    }
  }

  /** @throws LinkError `io` with the reason when no hub switches this port by itself, or this user may not */
  async powerCycle(signal?: AbortSignalLike): Promise<boolean> {
    const { vendorId, productId } = this.#opened.descriptors;
    await cyclePortPower(this.#portPath, { unit: { vendorId, productId }, signal });
    return true;
  }

  async close(): Promise<void> {
    await this.#abandonedEnds();
    await closeQuietly(this.#opened.device);
  }

  #classSetup(request: DfuRequest, value: number) {
    return {
      requestType: "class",
      recipient: "interface",
      request,
      value,
      index: this.#opened.descriptors.interfaceNumber,
    } as const;
  }

  async #run<T>(
    what: string,
    work: () => Promise<T>,
    signal: AbortSignalLike | undefined,
  ): Promise<T> {
    if (this.#abandoned !== undefined) await this.#abandonedEnds();
    signal?.throwIfAborted();
    try {
      return await (signal === undefined ? work() : this.#unlessAborted(work(), signal));
    } catch (error) {
      if (signal?.aborted === true && error === signal.reason) throw error;
      const failure = linkErrorFrom(error, `${what} on ${this.#portPath}`);
      if (failure.fault !== LinkFault.Io || !(await this.#leaves())) throw failure;
      throw new LinkError(LinkFault.Gone, failure.message, { cause: error });
    }
  }

  /** Rejects with the signal's reason as soon as it is aborted. The work itself goes on, and its result is dropped. */
  #unlessAborted<T>(running: Promise<T>, signal: AbortSignalLike): Promise<T> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#abandoned = running;
        reject(signal.reason);
      };
      const end = () => signal.removeEventListener("abort", onAbort);
      signal.addEventListener("abort", onAbort, { once: true });
      running.finally(end).then(resolve, reject);
    });
  }

  async #abandonedEnds(): Promise<void> {
    await this.#abandoned?.catch(() => undefined);
    this.#abandoned = undefined;
  }

  /** Whether the device that was opened leaves the port within a moment. */
  async #leaves(): Promise<boolean> {
    const until = performance.now() + LEAVING_MS;
    while (performance.now() < until) {
      const now = await findOnPort(this.#portPath).catch(() => undefined);
      if (now?.address !== this.#opened.device.address) return true;
      await pause(LEAVING_MS / 10);
    }
    return false;
  }

  #stall(what: string): LinkError {
    return new LinkError(LinkFault.Stall, `${what} on ${this.#portPath}: stall`);
  }
}

async function openOnPort(portPath: string): Promise<Opened> {
  const device = await findOnPort(portPath);
  try {
    await device.open();
    const descriptors = await describeOpened(device);
    await claim(device, descriptors.interfaceNumber);
    await device.selectAlternateInterface(descriptors.interfaceNumber, 0);
    return { device, descriptors };
  } catch (error) {
    await closeQuietly(device);
    throw linkErrorFrom(error, `opening ${portPath}`);
  }
}

async function claim(device: UsbDevice, interfaceNumber: number): Promise<void> {
  for (const until = performance.now() + HELD_MS; ; ) {
    try {
      return await device.claimInterface(interfaceNumber);
    } catch (error) {
      const isHeld = error instanceof Error && HELD.test(error.message);
      if (!isHeld || performance.now() >= until) throw error;
      await pause(RETRY_MS);
    }
  }
}

/** `close` alone keeps the interface claimed: the next `open` in this process would find it busy. */
async function closeQuietly(device: UsbDevice): Promise<void> {
  try {
    for (const { claimed, interfaceNumber } of device.configuration.interfaces) {
      if (claimed) await device.releaseInterface(interfaceNumber);
    }
  } catch {
    // It has left; there is nothing to give back.
  }
  try {
    if (device.opened) await device.close();
  } catch {
    // As above.
  }
}
