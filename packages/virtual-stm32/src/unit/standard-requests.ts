import {
  answer,
  type ControlReply,
  type SetupPacket,
  StandardRequest,
  stall,
} from "../usb/setup.ts";

/** What a device says of itself in a configuration. */
export interface Described {
  /** All bytes of a descriptor; undefined where the device has none, which is a STALL. */
  readonly find: (type: number, index: number) => Uint8Array | undefined;
  /** Alternate settings of its one interface. */
  readonly alternates: number;
}

/** Chapter 9 of USB 2.0, as far as a device with one configuration and one interface needs it. */
export class StandardRequests {
  readonly #describe: () => Described;
  #configuration = 0;
  #alternate = 0;

  constructor(describe: () => Described) {
    this.#describe = describe;
  }

  get alternate(): number {
    return this.#alternate;
  }

  /** 0 until the host has chosen one, and again after every bus reset. */
  get configuration(): number {
    return this.#configuration;
  }

  reset(): void {
    this.#configuration = 0;
    this.#alternate = 0;
  }

  /** `configured` is called when SET_CONFIGURATION chooses the configuration. */
  handle(setup: SetupPacket, configured: () => void): ControlReply {
    const { find, alternates } = this.#describe();
    switch (setup.request) {
      case StandardRequest.GetDescriptor: {
        const bytes = find(setup.value >> 8, setup.value & 0xff);
        return bytes ? answer(bytes.subarray(0, setup.length)) : stall();
      }
      case StandardRequest.GetStatus:
        return answer(
          Uint8Array.of((setup.requestType & 0x1f) === 0 ? 1 : 0, 0).subarray(0, setup.length),
        );
      case StandardRequest.GetConfiguration:
        return answer(Uint8Array.of(this.#configuration).subarray(0, setup.length));
      case StandardRequest.SetConfiguration:
        if (setup.value > 1) return stall();
        this.#configuration = setup.value;
        this.#alternate = 0;
        if (setup.value === 1) configured();
        return answer();
      case StandardRequest.GetInterface:
        if (!this.#hasInterface(setup)) return stall();
        return answer(Uint8Array.of(this.#alternate).subarray(0, setup.length));
      case StandardRequest.SetInterface:
        if (!this.#hasInterface(setup) || setup.value >= alternates) return stall();
        this.#alternate = setup.value;
        return answer();
      case StandardRequest.SetAddress:
      case StandardRequest.ClearFeature:
        return answer();
      default:
        return stall();
    }
  }

  /** There are none before SET_CONFIGURATION (USB 2.0, section 9.4). */
  #hasInterface(setup: SetupPacket): boolean {
    return this.#configuration !== 0 && setup.index === 0;
  }
}
