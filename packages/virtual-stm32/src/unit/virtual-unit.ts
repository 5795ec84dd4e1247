import type { Clock } from "@flashline/dfu-core/protocol";
import type { Timing } from "../bootloader/bootloader.ts";
import { type Counters, Journal } from "../bootloader/journal.ts";
import type { Fault } from "../faults/fault.ts";
import type { NorFlash } from "../flash/nor-flash.ts";
import type { Protection } from "../option-bytes/protection.ts";
import type { Part } from "../parts/index.ts";
import { DefectInjector } from "../place/defect.ts";
import { DEFAULT_PLACE, type Place } from "../place/place.ts";
import { createRandom } from "../random.ts";
import { type DeviceSummary, summary } from "../usb/descriptors.ts";
import { type ControlReply, GONE, type SetupPacket, StandardRequest } from "../usb/setup.ts";
import { ApplicationDevice, type ShownApplication } from "./application-device.ts";
import { Chip } from "./chip.ts";
import { REBOOT_MS, type VirtualUnitOptions } from "./options.ts";

const NOTHING = new Uint8Array();
const SET_CONFIGURATION: SetupPacket = {
  requestType: 0x00,
  request: StandardRequest.SetConfiguration,
  value: 1,
  index: 0,
  length: 0,
};

/** `absent`: nothing on the port. `application`: the flashed firmware runs and is no DFU device; it may be one of another kind. */
export type UnitMode = "bootloader" | "application" | "absent";

/** Hears every control transfer after the unit answered it. The data is what went over the wire, in either direction. */
export type TransferListener = (setup: SetupPacket, data: Uint8Array, reply: ControlReply) => void;

export interface Replacement {
  readonly serial?: string;
  readonly part?: Part;
  readonly faults?: readonly Fault[];
  /** As that of the unit that was there before when absent. */
  readonly application?: ShownApplication;
}

/** One port with, usually, one virtual unit on it: the device side at the level of SETUP packets. */
export class VirtualUnit {
  readonly clock: Clock;
  readonly place: Place;
  readonly #timing: Timing;
  readonly #seed: number;
  readonly #listeners = new Set<TransferListener>();
  readonly #presence = new Set<() => void>();
  readonly #journal = new Journal();
  readonly #defect: DefectInjector;
  #chip: Chip;
  #deviceNumber = 1;
  /** Units that were in this place before. */
  #generation = 0;
  /** While set: off the bus until then (Infinity: until plugged in). */
  #awayUntil: number | undefined;
  #application = false;
  #shows: ShownApplication | undefined;
  /** The device that the running application is; undefined where it shows none. */
  #running: ApplicationDevice | undefined;
  #powered = true;

  constructor(options: VirtualUnitOptions) {
    this.clock = options.clock;
    this.place = options.place ?? DEFAULT_PLACE;
    this.#timing = options.timing ?? "typical";
    this.#seed = options.seed ?? 1;
    const random = createRandom(this.#seed).fork("controller");
    this.#defect = new DefectInjector(this.place, random, this.#journal);
    this.#journal.counters.enumerations = 1;
    this.#chip = this.#insert(options);
    this.#shows = options.application;
  }

  get part(): Part {
    return this.#chip.part;
  }

  /** What a list of devices says of it now: of a product that runs its application, that one's. */
  get summary(): DeviceSummary {
    this.#arrive();
    return this.#running?.summary ?? summary(this.#chip.shown);
  }

  /** iSerialNumber of the bootloader, whatever runs. */
  get serial(): string {
    return this.#chip.serial;
  }

  /** The flash as a programmer on SWD would see it; for tests and dumps. */
  get flash(): NorFlash {
    return this.#chip.flash;
  }

  /** The same of the data EEPROM; undefined where the part has none. */
  get eeprom(): NorFlash | undefined {
    return this.#chip.eeprom;
  }

  /** RDP level as it is in effect. */
  get protection(): Protection {
    return this.#chip.protection;
  }

  /** Of the place: they go on when a unit is replaced. */
  get counters(): Readonly<Counters> {
    return this.#journal.counters;
  }

  /** What hosts did that no host may do, with the reason. */
  get illegal(): readonly string[] {
    return this.#journal.illegal;
  }

  /** Changes with every enumeration, as the kernel's device number does. */
  get deviceNumber(): number {
    this.#arrive();
    return this.#deviceNumber;
  }

  /** bConfigurationValue that is chosen, 0 for none. */
  get configuration(): number {
    return this.#now.configuration;
  }

  get alternate(): number {
    return this.#now.alternate;
  }

  get mode(): UnitMode {
    this.#arrive();
    if (!this.#powered || this.#awayUntil !== undefined) return "absent";
    if (this.#chip.protection === 2) return "absent";
    return this.#application ? "application" : "bootloader";
  }

  /** A DFU device answers on the port. */
  get attached(): boolean {
    return this.mode === "bootloader";
  }

  /** Some device answers on the port: the bootloader, or an application that shows itself. */
  get onBus(): boolean {
    const { mode } = this;
    return mode === "bootloader" || (mode === "application" && this.#running !== undefined);
  }

  /** Milliseconds until the unit is on the bus again; 0 when it is, undefined when only a person can help. */
  get backInMs(): number | undefined {
    if (this.onBus) return 0;
    const until = this.#awayUntil;
    return !this.#powered || until === undefined || until === Number.POSITIVE_INFINITY
      ? undefined
      : until - this.clock.now();
  }

  /** What GET_DESCRIPTOR answers, off the bus too and uncounted; undefined for a STALL. */
  descriptor(type: number, index: number): Uint8Array | undefined {
    return this.#now.descriptor(type, index);
  }

  /** One control transfer: SETUP, and the data stage of an OUT. */
  handleControl(setup: SetupPacket, data: Uint8Array = new Uint8Array()): ControlReply {
    if (!this.onBus) return GONE;
    this.#journal.counters.controlTransfers += 1;
    const reply = this.#now.handle(setup, data);
    for (const listener of this.#listeners) listener(setup, data, reply);
    return reply;
  }

  /** Configures the unit as a kernel does when it finds one, unless it is configured. Neither counted nor shown to listeners. */
  configure(): void {
    if (this.onBus && this.configuration === 0) this.#now.handle(SET_CONFIGURATION, NOTHING);
  }

  /** The host drives the bus to SE0; the bootloader's class starts anew. */
  busReset(): void {
    if (!this.onBus) return;
    this.#journal.counters.busResets += 1;
    this.#now.busReset();
  }

  /** Power off and on; the boot pins still ask for the bootloader. Back after the boot time; nothing when unplugged. */
  powerCycle(): void {
    if (this.#awayUntil === Number.POSITIVE_INFINITY) return;
    this.unplug(REBOOT_MS);
  }

  /** What a hub does that switches the power of its ports. What is plugged in boots when the power comes back. */
  setPower(on: boolean): void {
    if (on === this.#powered) return;
    const now = this.clock.now();
    const ready = now + REBOOT_MS + this.#chip.slowBootMs;
    if (on) this.#awayUntil = Math.max(this.#awayUntil ?? 0, ready);
    else {
      this.#arrive();
      this.#chip.powerOff();
      this.#stop();
    }
    this.#powered = on;
    this.#presenceChanged();
  }

  unplug(backAfterMs?: number): void {
    this.#chip.powerOff();
    this.#leave(backAfterMs);
  }

  plug(): void {
    if (this.#awayUntil !== undefined) {
      this.#awayUntil = this.clock.now() + this.#chip.slowBootMs;
    }
    this.#presenceChanged();
  }

  /** Another unit in the same place: blank, without the faults that belong to the old one. */
  replace(by: Replacement = {}): void {
    this.#generation += 1;
    this.#chip = this.#insert({ part: this.part, ...by });
    this.#stop();
    this.#shows = by.application ?? this.#shows;
    this.#awayUntil = this.clock.now();
    this.#presenceChanged();
  }

  /** What it shows at the next start of its application; undefined: nothing. */
  showApplication(shown: ShownApplication | undefined): void {
    this.#shows = shown;
  }

  addFault(fault: Fault): void {
    this.#chip.addFault(fault);
    this.#presenceChanged();
  }

  /** Sees every transfer with its reply; returns what ends it. */
  onTransfer(listener: TransferListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Told when the unit leaves the bus, also in the middle of a transfer, and when the time of its return changes. Not told when
   * it returns: that is `backInMs` away. Returns what ends it.
   */
  onPresence(listener: () => void): () => void {
    this.#presence.add(listener);
    return () => this.#presence.delete(listener);
  }

  get #now(): Chip | ApplicationDevice {
    return this.#running ?? this.#chip;
  }

  #stop(): void {
    this.#application = false;
    this.#running = undefined;
  }

  /** The core runs what was flashed. What that shows is on the bus after the boot time, as another device. */
  #start(): void {
    this.#application = true;
    if (this.#shows === undefined) this.#awayUntil = undefined;
    else {
      this.#running = new ApplicationDevice(this.#shows, this.flash, (why) =>
        this.#journal.reject("application", why),
      );
    }
    this.#presenceChanged();
  }

  #leave(backAfterMs: number | undefined): void {
    this.#stop();
    this.#awayUntil =
      backAfterMs === undefined
        ? Number.POSITIVE_INFINITY
        : this.clock.now() + backAfterMs + this.#chip.slowBootMs;
    this.#presenceChanged();
  }

  #reboot(backAfterMs = REBOOT_MS): void {
    this.#chip.reset();
    this.#leave(backAfterMs);
  }

  #presenceChanged(): void {
    for (const listener of this.#presence) listener();
  }

  #insert(unit: Replacement & { readonly part: Part }): Chip {
    const { part, serial = part.usb.serial, faults = [] } = unit;
    const random = createRandom(this.#seed).fork(`unit ${this.#generation}`);
    return new Chip(
      {
        part,
        serial,
        faults,
        random,
        clock: this.clock,
        timing: this.#timing,
        journal: this.#journal,
        defect: this.#defect,
      },
      {
        lost: (backAfterMs) => this.unplug(backAfterMs),
        rebooted: (backAfterMs) => this.#reboot(backAfterMs),
        swapped: (backAfterMs) => {
          this.replace({ serial: `OTHER${String(this.#generation + 1).padStart(7, "0")}` });
          this.unplug(backAfterMs);
        },
        left: (runs) => {
          this.#reboot();
          if (runs) this.#start();
        },
      },
    );
  }

  #arrive(): void {
    if (this.#awayUntil === undefined || !this.#powered) return;
    if (this.clock.now() < this.#awayUntil) return;
    this.#awayUntil = undefined;
    this.#deviceNumber += 1;
    this.#journal.counters.enumerations += 1;
  }
}

/** A powered unit in its bootloader, as after plugging it in. */
export const createVirtualUnit = (options: VirtualUnitOptions): VirtualUnit =>
  new VirtualUnit(options);
