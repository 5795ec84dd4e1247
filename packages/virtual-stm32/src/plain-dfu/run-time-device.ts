import {
  type Clock,
  type DeviceDescriptors,
  type DfuRequest,
  type DfuTransport,
  LinkError,
  LinkFault,
} from "@flashline/dfu-core/protocol";
import { PlainDevice, type PlainDeviceOptions } from "./plain-device.ts";
import { RunTimeMachine, runTimeAttributes } from "./run-time-machine.ts";

/** An application with a DFU run-time interface and the bootloader that it goes to. */
export interface RunTimeDeviceOptions extends PlainDeviceOptions {
  /** bitWillDetach: it leaves the bus by itself after DETACH; otherwise it waits for a reset. */
  readonly willDetach?: boolean;
  /** wDetachTimeOut: how long it waits for that reset. */
  readonly detachTimeoutMs?: number;
  /** How long its bootloader needs to be on the bus; never when it is infinite. */
  readonly bootMs?: number;
  /** Refuses DETACH. */
  readonly refuses?: boolean;
}

const APPLICATION = { productId: 0x0002, product: "Application", protocol: 1 };

/**
 * A device that runs its application, with a DFU interface in run-time mode, and that becomes a {@link PlainDevice} when it is asked to
 * (USB DFU 1.1, section 5.1 and figure A.1). Strict: what a host does wrong is kept in `illegal`.
 */
export class RunTimeDevice implements DfuTransport {
  /** What it is in DFU mode. */
  readonly bootloader: PlainDevice;
  readonly illegal: string[] = [];
  readonly #clock: Clock;
  readonly #options: RunTimeDeviceOptions;
  readonly #application: DeviceDescriptors;
  readonly #machine: RunTimeMachine;
  #mode: "application" | "bootloader" = "application";
  /** The host has read its descriptors. A device that came back counts as another one until the host looks again. */
  #seen: DeviceDescriptors;
  #awayUntil = Number.NEGATIVE_INFINITY;

  constructor(options: RunTimeDeviceOptions) {
    const { detachTimeoutMs = 255, willDetach = false, refuses = false } = options;
    this.#options = options;
    this.#clock = options.clock;
    this.bootloader = new PlainDevice(options);
    this.#machine = new RunTimeMachine(
      { detachTimeoutMs, willDetach, refuses },
      options.clock,
      () => this.#leave(),
      (why) => this.illegal.push(why),
    );
    const { descriptors } = this.bootloader;
    const { functional } = descriptors;
    this.#application = {
      ...descriptors,
      productId: APPLICATION.productId,
      product: APPLICATION.product,
      alternates: [{ alternate: 0, protocol: APPLICATION.protocol, name: "" }],
      functional: functional && {
        ...functional,
        attributes: runTimeAttributes({ willDetach }),
        detachTimeoutMs,
      },
    };
    this.#seen = this.#application;
  }

  get descriptors(): DeviceDescriptors {
    return this.#seen;
  }

  async controlOut(
    request: DfuRequest,
    value: number,
    data: Uint8Array,
    timeoutMs: number,
  ): Promise<void> {
    this.#checkThere();
    if (this.#mode === "bootloader")
      return await this.bootloader.controlOut(request, value, data, timeoutMs);
    await this.#clock.sleep(0.5);
    if (!this.#machine.out(request, value)) throw stalled();
  }

  async controlIn(
    request: DfuRequest,
    value: number,
    length: number,
    timeoutMs: number,
  ): Promise<Uint8Array> {
    this.#checkThere();
    if (this.#mode === "bootloader")
      return await this.bootloader.controlIn(request, value, length, timeoutMs);
    await this.#clock.sleep(0.5);
    const answer = this.#machine.in(request);
    if (answer === undefined) throw stalled();
    return answer;
  }

  async selectAlternate(): Promise<void> {
    this.#checkThere();
    if (this.#mode === "bootloader") await this.bootloader.selectAlternate();
  }

  async reset(): Promise<boolean> {
    this.#checkThere();
    if (this.#mode === "bootloader") return await this.bootloader.reset();
    this.#machine.busReset();
    return true;
  }

  async reenumerate(deadlineMs: number): Promise<void> {
    const until = this.#clock.now() + deadlineMs;
    if (this.#awayUntil > until) {
      await this.#clock.sleep(deadlineMs);
      throw new LinkError(LinkFault.Gone, "nothing on the port");
    }
    await this.#clock.sleep(Math.max(0, this.#awayUntil - this.#clock.now()));
    this.#seen = this.#shown;
    if (this.#mode === "bootloader")
      await this.bootloader.reenumerate(Math.max(0, until - this.#clock.now()));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #leave(): void {
    this.#mode = "bootloader";
    this.#awayUntil = this.#clock.now() + (this.#options.bootMs ?? 500);
  }

  #checkThere(): void {
    if (this.#clock.now() < this.#awayUntil || this.#seen !== this.#shown)
      throw new LinkError(LinkFault.Gone, "not on the port");
  }

  get #shown(): DeviceDescriptors {
    return this.#mode === "application" ? this.#application : this.bootloader.descriptors;
  }
}

const stalled = (): LinkError => new LinkError(LinkFault.Stall, "STALL");
