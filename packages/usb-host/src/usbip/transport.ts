import {
  type AbortSignalLike,
  type DeviceDescriptors,
  type DfuRequest,
  type DfuTransport,
  LinkError,
  LinkFault,
} from "@flashline/dfu-core/protocol";
import { readDescriptors } from "../describe.ts";
import { EmptyTime } from "../empty-time.ts";
import { pause } from "../pause.ts";
import { UrbLink } from "./link.ts";
import { importDevice, NoDevice } from "./operations.ts";
import type { ServerAddress } from "./stream.ts";
import type { Setup } from "./wire.ts";

const StandardRequest = { GetDescriptor: 6, SetConfiguration: 9, SetInterface: 11 } as const;
/** bmRequestType (USB 2.0, table 9-2). */
const RequestType = {
  StandardDeviceIn: 0x80,
  StandardDeviceOut: 0x00,
  StandardInterfaceOut: 0x01,
  ClassInterfaceIn: 0xa1,
  ClassInterfaceOut: 0x21,
} as const;

/** A device answers standard requests without touching its flash. USB 2.0, 9.2.6.1, gives any request 5 s; milliseconds. */
const STANDARD_TIMEOUT_MS = 5000;
/** How often a busid that went away is looked for. */
const RETRY_MS = 50;
const NOTHING = new Uint8Array();

export interface UsbIpTarget {
  readonly address: ServerAddress;
  readonly busid: string;
  /** Real milliseconds for one millisecond of a time-out. */
  readonly timeScale: number;
}

/** A unit of a USB/IP server as the engine's transport. */
export class UsbIpTransport implements DfuTransport {
  readonly #target: UsbIpTarget;
  #link: UrbLink;
  #descriptors: DeviceDescriptors;
  #alternate = 0;
  #empty = new EmptyTime();
  #closed = false;

  private constructor(target: UsbIpTarget, link: UrbLink, descriptors: DeviceDescriptors) {
    this.#target = target;
    this.#link = link;
    this.#descriptors = descriptors;
  }

  static async open(target: UsbIpTarget, signal?: AbortSignalLike): Promise<UsbIpTransport> {
    const { link, descriptors } = await openLink(target, signal);
    return new UsbIpTransport(target, link, descriptors);
  }

  get descriptors(): DeviceDescriptors {
    return this.#descriptors;
  }

  get disconnectedMs(): number {
    return this.#empty.longestMs / this.#target.timeScale;
  }

  async controlOut(
    request: DfuRequest,
    value: number,
    data: Uint8Array,
    timeoutMs: number,
    signal?: AbortSignalLike,
  ): Promise<void> {
    const setup = this.#classSetup(RequestType.ClassInterfaceOut, request, value, data.length);
    await this.#link.control(setup, data, timeoutMs, signal);
  }

  controlIn(
    request: DfuRequest,
    value: number,
    length: number,
    timeoutMs: number,
    signal?: AbortSignalLike,
  ): Promise<Uint8Array> {
    const setup = this.#classSetup(RequestType.ClassInterfaceIn, request, value, length);
    return this.#link.control(setup, NOTHING, timeoutMs, signal);
  }

  async selectAlternate(alternate: number, signal?: AbortSignalLike): Promise<void> {
    const index = this.#descriptors.interfaceNumber;
    await setInterface(this.#link, index, alternate, signal);
    this.#alternate = alternate;
  }

  /**
   * A bus reset does not travel over USB/IP. After a reset a kernel sends SET_CONFIGURATION, and that request does travel. It
   * takes the state machine of the device back to its start (USB 2.0, 9.4.7). The alternate setting is then restored, as the
   * kernel does it.
   */
  async reset(signal?: AbortSignalLike): Promise<boolean> {
    await setConfiguration(this.#link, signal);
    await setInterface(this.#link, this.#descriptors.interfaceNumber, this.#alternate, signal);
    return true;
  }

  async reenumerate(deadlineMs: number, signal?: AbortSignalLike): Promise<void> {
    const until = performance.now() + deadlineMs * this.#target.timeScale;
    this.#empty = new EmptyTime();
    this.#link.close();
    for (;;) {
      signal?.throwIfAborted();
      try {
        const { link, descriptors } = await openLink(this.#target, signal);
        if (this.#closed) link.close();
        this.#link = link;
        this.#descriptors = descriptors;
        this.#alternate = 0;
        return;
      } catch (error) {
        if (!(error instanceof LinkError)) throw error;
        this.#empty.saw(error instanceof NoDevice);
        if (performance.now() >= until) {
          const message = `nothing answers on ${this.#target.busid} after ${deadlineMs} ms`;
          throw new LinkError(LinkFault.Gone, message, { cause: error });
        }
      }
      await pause(RETRY_MS, signal);
    }
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#link.close();
    return Promise.resolve();
  }

  #classSetup(requestType: number, request: number, value: number, length: number): Setup {
    return { requestType, request, value, index: this.#descriptors.interfaceNumber, length };
  }
}

/** What the unit says of itself, without configuring it. */
export function describeOverLink(
  link: UrbLink,
  signal?: AbortSignalLike,
): Promise<DeviceDescriptors> {
  return readDescriptors(async (type, index, language, length) => {
    const value = (type << 8) | index;
    const setup = {
      requestType: RequestType.StandardDeviceIn,
      request: StandardRequest.GetDescriptor,
      value,
      index: language,
      length,
    };
    try {
      return await link.control(setup, NOTHING, STANDARD_TIMEOUT_MS, signal);
    } catch (error) {
      if (error instanceof LinkError && error.fault === LinkFault.Stall) return undefined;
      throw error;
    }
  });
}

async function openLink(
  target: UsbIpTarget,
  signal?: AbortSignalLike,
): Promise<{ link: UrbLink; descriptors: DeviceDescriptors }> {
  const imported = await importDevice(target.address, target.busid, signal);
  const link = new UrbLink(imported, target.timeScale);
  try {
    // Only an unconfigured device is configured: the request would reset the state that an observer came to see.
    if (link.device.configurationValue === 0) await setConfiguration(link, signal);
    const descriptors = await describeOverLink(link, signal);
    await setInterface(link, descriptors.interfaceNumber, 0, signal);
    return { link, descriptors };
  } catch (error) {
    link.close();
    throw error;
  }
}

async function setConfiguration(link: UrbLink, signal?: AbortSignalLike): Promise<void> {
  const setup = {
    requestType: RequestType.StandardDeviceOut,
    request: StandardRequest.SetConfiguration,
    value: 1,
    index: 0,
    length: 0,
  };
  await link.control(setup, NOTHING, STANDARD_TIMEOUT_MS, signal);
}

async function setInterface(
  link: UrbLink,
  interfaceNumber: number,
  alternate: number,
  signal?: AbortSignalLike,
): Promise<void> {
  const setup = {
    requestType: RequestType.StandardInterfaceOut,
    request: StandardRequest.SetInterface,
    value: alternate,
    index: interfaceNumber,
    length: 0,
  };
  await link.control(setup, NOTHING, STANDARD_TIMEOUT_MS, signal);
}
