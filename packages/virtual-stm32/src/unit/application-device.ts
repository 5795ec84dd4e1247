import type { NorFlash } from "../flash/nor-flash.ts";
import {
  DescriptorType,
  type DeviceSummary,
  deviceDescriptor,
  languages,
  stringDescriptor,
  word,
} from "../usb/descriptors.ts";
import { type ControlReply, type SetupPacket, stall } from "../usb/setup.ts";
import { StandardRequests } from "./standard-requests.ts";

/** Where an application has the serial that it shows. */
export type ApplicationSerial =
  | { readonly kind: "text"; readonly text: string }
  /** Read when the application starts: printable ASCII up to the first 0x00 or 0xff. Anything else there is no serial. */
  | { readonly kind: "flash"; readonly address: number; readonly length: number }
  /** iSerialNumber is 0. */
  | { readonly kind: "none" };

/** What a unit shows on its port while its application runs. */
export interface ShownApplication {
  readonly vendorId: number;
  readonly productId: number;
  readonly serial: ApplicationSerial;
}

const STRINGS = ["Flashline virtual unit", "Application"];
const SERIAL_INDEX = STRINGS.length + 1;
/** Vendor specific, without endpoints: no driver of a host takes it. */
const INTERFACE_CLASS = [0xff, 0, 0] as const;
const BCD_DEVICE = 0x0100;

/** The device that a started application is: strict, with one vendor-specific interface and standard requests alone. */
export class ApplicationDevice {
  readonly summary: DeviceSummary;
  /** Empty: it shows none. */
  readonly serial: string;
  readonly #standard: StandardRequests;
  readonly #reject: (why: string) => void;

  constructor(shown: ShownApplication, flash: NorFlash, reject: (why: string) => void) {
    const { vendorId, productId } = shown;
    this.summary = { vendorId, productId, bcdDevice: BCD_DEVICE, interfaceClass: INTERFACE_CLASS };
    this.serial = serialOf(shown.serial, flash);
    this.#reject = reject;
    this.#standard = new StandardRequests(() => ({
      find: (type, index) => this.descriptor(type, index),
      alternates: 1,
    }));
  }

  get configuration(): number {
    return this.#standard.configuration;
  }

  get alternate(): number {
    return this.#standard.alternate;
  }

  busReset(): void {
    this.#standard.reset();
  }

  /** A class or vendor request is a STALL, and no host has a reason to send one: it is written down. */
  handle(setup: SetupPacket): ControlReply {
    if ((setup.requestType & 0x60) === 0) return this.#standard.handle(setup, () => undefined);
    this.#reject(`request ${setup.request} while the application runs`);
    return stall();
  }

  descriptor(type: number, index: number): Uint8Array | undefined {
    switch (type) {
      case DescriptorType.Device:
        return Uint8Array.from(
          deviceDescriptor(
            { ...this.summary, bcdUsb: 0x0200 },
            this.serial === "" ? 0 : SERIAL_INDEX,
          ),
        );
      case DescriptorType.Configuration:
        return index === 0 ? Uint8Array.from(CONFIGURATION) : undefined;
      case DescriptorType.String: {
        if (index === 0) return languages();
        const text = [...STRINGS, ...(this.serial === "" ? [] : [this.serial])][index - 1];
        return text === undefined ? undefined : stringDescriptor(text);
      }
      default:
        return undefined;
    }
  }
}

const INTERFACE = [9, 4, 0, 0, 0, ...INTERFACE_CLASS, 0];
const CONFIGURATION = [
  ...[9, DescriptorType.Configuration, ...word(9 + INTERFACE.length), 1, 1, 0, 0xc0, 50],
  ...INTERFACE,
];

function serialOf(serial: ApplicationSerial, flash: NorFlash): string {
  if (serial.kind === "none") return "";
  if (serial.kind === "text") return serial.text;
  const { address, length } = serial;
  if (!flash.contains(address, length)) return "";
  const { data, faultAt } = flash.read(address, length);
  if (faultAt !== undefined) return "";
  const end = data.findIndex((byte) => byte === 0 || byte === 0xff);
  const text = Buffer.from(end < 0 ? data : data.subarray(0, end)).toString("latin1");
  return /^[\x20-\x7e]+$/.test(text) ? text : "";
}
