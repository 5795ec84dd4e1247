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
import { Presence } from "./presence.ts";

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
  readonly #journal = new Journal();
  readonly #presence: Presence;
  readonly #defect: DefectInjector;
  #chip: Chip;
  /** Units that were in this place before. */
  #generation = 0;
  #application = false;
  #shows: ShownApplication | undefined;
  /** The device that the running application is; undefined where it shows none. */
  #running: ApplicationDevice | undefined;

  constructor(options: VirtualUnitOptions) {
    this.clock = options.clock;
    this.place = options.place ?? DEFAULT_PLACE;
    this.#timing = options.timing ?? "typical";
    this.#seed = options.seed ?? 1;
    const random = createRandom(this.#seed).fork("controller");
    this.#defect = new DefectInjector(this.place, random, this.#journal);
    this.#presence = new Presence(this.clock, this.#journal.counters);
    this.#chip = this.#insert(options);
    this.#shows = options.application;
  }

  get part(): Part {
    return this.#chip.part;
  }

  /** What a list of devices says of it now: of a product that runs its application, that one's. */
  get summary(): DeviceSummary {
    this.#presence.look();
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
    return this.#presence.deviceNumber;
  }

  /** bConfigurationValue that is chosen, 0 for none. */
  get configuration(): number {
    return this.#now.configuration;
  }

  get alternate(): number {
    return this.#now.alternate;
  }

  get mode(): UnitMode {
    if (this.#presence.isAway) return "absent";
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
    return this.onBus ? 0 : this.#presence.backInMs;
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
    if (this.#presence.isUnplugged) return;
    this.unplug(REBOOT_MS);
  }

  /** What a hub does that switches the power of its ports. What is plugged in boots when the power comes back. */
  setPower(on: boolean): void {
    if (on === this.#presence.isPowered) return;
    if (on) {
      this.#presence.powerOn(REBOOT_MS + this.#chip.slowBootMs);
      return;
    }
    this.#presence.look();
    this.#chip.powerOff();
    this.#stop();
    this.#presence.powerOff();
  }

  unplug(backAfterMs?: number): void {
    this.#chip.powerOff();
    this.#leave(backAfterMs);
  }

  plug(): void {
    this.#presence.plug(this.#chip.slowBootMs);
  }

  /** Another unit in the same place: blank, without the faults that belong to the old one. */
  replace(by: Replacement = {}): void {
    this.#generation += 1;
    this.#chip = this.#insert({ part: this.part, ...by });
    this.#stop();
    this.#shows = by.application ?? this.#shows;
    this.#presence.leave(0);
  }

  /** What it shows at the next start of its application; undefined: nothing. */
  showApplication(shown: ShownApplication | undefined): void {
    this.#shows = shown;
  }

  addFault(fault: Fault): void {
    this.#chip.addFault(fault);
    this.#presence.changed();
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
    return this.#presence.subscribe(listener);
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
    if (this.#shows === undefined) {
      this.#presence.stay();
      return;
    }
    this.#running = new ApplicationDevice(this.#shows, this.flash, (why) =>
      this.#journal.reject("application", why),
    );
    this.#presence.changed();
  }

  #leave(backAfterMs: number | undefined): void {
    this.#stop();
    this.#presence.leave(
      backAfterMs === undefined ? undefined : backAfterMs + this.#chip.slowBootMs,
    );
  }

  #reboot(backAfterMs = REBOOT_MS): void {
    this.#chip.reset();
    this.#leave(backAfterMs);
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
}

/** A powered unit in its bootloader, as after plugging it in. */
export const createVirtualUnit = (options: VirtualUnitOptions): VirtualUnit =>
  new VirtualUnit(options);
