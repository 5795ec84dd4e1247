import { type Clock, DfuRequest } from "@flashline/dfu-core/protocol";
import { Bootloader, type OperationFault, type Timing } from "../bootloader/bootloader.ts";
import { type Counters, Journal } from "../bootloader/journal.ts";
import type { Access, Protection } from "../bootloader/memory-access.ts";
import type { Operation } from "../bootloader/operation.ts";
import type { Fault, WireLoss } from "../faults/fault.ts";
import type { Departure } from "../faults/injector.ts";
import { FaultInjector } from "../faults/injector.ts";
import { AddressSpace } from "../flash/memory.ts";
import { NorFlash } from "../flash/nor-flash.ts";
import { family, type Part } from "../parts/index.ts";
import { DefectInjector } from "../place/defect.ts";
import { DEFAULT_PLACE, type Place } from "../place/place.ts";
import { createRandom } from "../random.ts";
import { type ControlReply, GONE, LOST, type SetupPacket, stall } from "../usb/setup.ts";
import { REBOOT_MS, type VirtualUnitOptions } from "./options.ts";
import { protect } from "./protection.ts";
import { StandardRequests } from "./standard-requests.ts";
import { plausibleVector } from "./vector.ts";

/** `absent`: nothing on the port. `application`: the flashed firmware runs and is no DFU device. */
export type UnitMode = "bootloader" | "application" | "absent";

export type TransferListener = (setup: SetupPacket, data: Uint8Array, reply: ControlReply) => void;

/** One port with, usually, one virtual unit on it: the device side at the level of SETUP packets. */
export class VirtualUnit {
  readonly clock: Clock;
  readonly place: Place;
  readonly #timing: Timing;
  readonly #seed: number;
  readonly #faults: Fault[];
  readonly #listeners = new Set<TransferListener>();
  readonly #journal = new Journal();
  readonly #defect: DefectInjector;
  #part: Part;
  #serial: string;
  #space: AddressSpace;
  #bootloader: Bootloader;
  #injector: FaultInjector;
  #standard: StandardRequests;
  #protection: Protection = 0;
  #deviceNumber = 1;
  #generation = 0;
  /** While set: off the bus until then (Infinity: until plugged in). */
  #awayUntil: number | undefined;
  #application = false;
  #dataBytes = 0;
  #cut: Departure | undefined;

  constructor(options: VirtualUnitOptions) {
    this.clock = options.clock;
    this.place = options.place ?? DEFAULT_PLACE;
    this.#timing = options.timing ?? "typical";
    this.#seed = options.seed ?? 1;
    this.#faults = [...(options.faults ?? [])];
    this.#part = options.part;
    this.#serial = options.serial ?? options.part.usb.serial;
    this.#defect = new DefectInjector(
      this.place,
      createRandom(this.#seed).fork("controller"),
      this.#journal,
    );
    this.#injector = this.#armed();
    this.#space = this.#blank();
    this.#bootloader = this.#boot();
    this.#standard = new StandardRequests(() => this.#descriptorOptions());
    this.#journal.counters.enumerations = 1;
    this.#applyStanding(this.#faults);
  }

  get part(): Part {
    return this.#part;
  }

  get serial(): string {
    return this.#serial;
  }

  /** The flash as a programmer on SWD would see it; for tests and dumps. */
  get flash(): NorFlash {
    return this.#space.flash;
  }

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

  get alternate(): number {
    return this.#standard.alternate;
  }

  get mode(): UnitMode {
    this.#arrive();
    if (this.#awayUntil !== undefined || this.#protection === 2) return "absent";
    return this.#application ? "application" : "bootloader";
  }

  /** A DFU device answers on the port. */
  get attached(): boolean {
    return this.mode === "bootloader";
  }

  /** Milliseconds until the unit is on the bus again; 0 when it is, undefined when only a person can help. */
  get backInMs(): number | undefined {
    if (this.attached) return 0;
    if (this.#awayUntil === undefined || this.#awayUntil === Number.POSITIVE_INFINITY)
      return undefined;
    return this.#awayUntil - this.clock.now();
  }

  /** One control transfer: SETUP, and the data stage of an OUT. */
  handleControl(setup: SetupPacket, data: Uint8Array = new Uint8Array()): ControlReply {
    if (!this.attached) return GONE;
    this.#journal.counters.controlTransfers += 1;
    const reply =
      (setup.requestType & 0x60) === 0 ? this.#standardRequest(setup) : this.#class(setup, data);
    for (const listener of this.#listeners) listener(setup, data, reply);
    return reply;
  }

  /** The host drives the bus to SE0; the bootloader's class is initialised with the SET_CONFIGURATION that follows. */
  busReset(): void {
    if (!this.attached) return;
    this.#journal.counters.busResets += 1;
    this.#standard.reset();
    this.#bootloader.initialise();
  }

  /** Power off and on; the boot pins still ask for the bootloader. Back after the boot time. */
  powerCycle(): void {
    if (
      this.mode === "absent" &&
      this.#protection !== 2 &&
      this.#awayUntil === Number.POSITIVE_INFINITY
    )
      return;
    this.#powerOff();
    this.#awayUntil = this.clock.now() + REBOOT_MS;
  }

  unplug(backAfterMs?: number): void {
    this.#powerOff();
    this.#awayUntil =
      backAfterMs === undefined ? Number.POSITIVE_INFINITY : this.clock.now() + backAfterMs;
  }

  plug(): void {
    if (this.#awayUntil !== undefined) this.#awayUntil = this.clock.now();
  }

  /** Another unit in the same place: blank, without the faults that belong to the old one. */
  replace(
    options: {
      readonly serial?: string;
      readonly part?: Part;
      readonly faults?: readonly Fault[];
    } = {},
  ): void {
    this.#generation += 1;
    this.#part = options.part ?? this.#part;
    this.#serial = options.serial ?? this.#part.usb.serial;
    this.#faults.length = 0;
    this.#faults.push(...(options.faults ?? []));
    this.#dataBytes = 0;
    this.#protection = 0;
    this.#injector = this.#armed();
    this.#space = this.#blank();
    this.#bootloader = this.#boot();
    this.#standard.reset();
    this.#application = false;
    this.#awayUntil = undefined;
    this.#deviceNumber += 1;
    this.#journal.counters.enumerations += 1;
    this.#applyStanding(this.#faults);
  }

  addFault(fault: Fault): void {
    this.#faults.push(fault);
    this.#injector.add(fault, this.#dataBytes);
    this.#applyStanding([fault]);
  }

  /** Sees every transfer with its reply; returns what ends it. */
  onTransfer(listener: TransferListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #standardRequest(setup: SetupPacket): ControlReply {
    return this.#standard.handle(setup, () => this.#bootloader.initialise());
  }

  #class(setup: SetupPacket, data: Uint8Array): ControlReply {
    if ((setup.index & 0xff) !== 0 || (setup.requestType & 0x7f) !== 0x21) {
      this.#journal.reject(
        "request.interface",
        `bmRequestType ${setup.requestType}, wIndex ${setup.index}`,
      );
      return stall();
    }
    this.#journal.counters.firstAtMs ??= this.clock.now();
    this.#journal.counters.lastAtMs = this.clock.now();
    const loss = this.#injector.wire(setup) ?? this.#defect.wire(setup, this.clock.now());
    const { reply, landed } = this.#transfer(setup, data, loss);
    if (landed) this.#count(setup, reply);
    return reply;
  }

  #transfer(
    setup: SetupPacket,
    data: Uint8Array,
    loss: WireLoss | undefined,
  ): { readonly reply: ControlReply; readonly landed: boolean } {
    if (loss === "stall") return { reply: stall(), landed: false };
    if (loss === "lost-setup") return { reply: LOST, landed: false };
    if (this.#departs(setup, data)) return { reply: GONE, landed: false };
    const dataLost = loss === "lost-data" || loss === "lost-ack";
    const reply = this.#bootloader.control(setup, data, dataLost);
    const silent = loss === "lost-ack" || loss === "lost-status";
    return { reply: silent && reply.kind !== "gone" ? LOST : reply, landed: true };
  }

  /** Faults at a byte of the download; a power cut waits for the program to start. */
  #departs(setup: SetupPacket, data: Uint8Array): boolean {
    if (setup.request !== DfuRequest.Dnload || setup.value < 2 || data.length === 0) return false;
    const before = this.#dataBytes;
    this.#dataBytes += data.length;
    const departure = this.#injector.departure(before, this.#dataBytes);
    if (!departure) return false;
    switch (departure.kind) {
      case "power-cut":
        this.#cut = departure;
        return false;
      case "unplug":
        this.unplug(departure.backAfterMs);
        return true;
      case "reboot":
        this.unplug(departure.backAfterMs);
        return true;
      case "swap":
        this.replace({ serial: `OTHER${String(this.#generation + 1).padStart(7, "0")}` });
        this.unplug(departure.backAfterMs);
        return true;
    }
  }

  #count(setup: SetupPacket, reply: ControlReply): void {
    const { counters } = this.#journal;
    if (setup.request === DfuRequest.Dnload) {
      counters.downloads += 1;
      if (reply.kind === "data") counters.downloadedBytes += setup.length;
    } else if (setup.request === DfuRequest.Upload) {
      counters.uploads += 1;
      if (reply.kind === "data") counters.uploadedBytes += reply.data.length;
    } else if (setup.request === DfuRequest.GetStatus) counters.statuses += 1;
  }

  #operationFault(operation: Operation): OperationFault {
    const cut = operation.kind === "program" ? this.#cut : undefined;
    return {
      ...this.#defect.operation(),
      ...this.#injector.operation(operation),
      ...(cut ? { cutAfterBytes: cut.afterBytes } : {}),
    };
  }

  #powerLost(): void {
    const back = this.#cut?.backAfterMs;
    this.#cut = undefined;
    this.unplug(back);
  }

  #left(pointer: number): void {
    const runs = plausibleVector(this.#space.flash, pointer);
    this.#powerOff();
    this.#application = runs;
    this.#awayUntil = runs ? undefined : this.clock.now() + REBOOT_MS;
  }

  #powerOff(): void {
    const wedge = this.#bootloader.wedgedFor;
    this.#application = false;
    this.#cut = undefined;
    this.#bootloader = this.#boot();
    this.#standard.reset();
    if (wedge === "never") this.#bootloader.wedge(wedge);
  }

  #arrive(): void {
    if (this.#awayUntil === undefined || this.clock.now() < this.#awayUntil) return;
    this.#awayUntil = undefined;
    this.#deviceNumber += 1;
    this.#journal.counters.enumerations += 1;
  }

  #boot(): Bootloader {
    return new Bootloader(this.#part, this.clock, this.#timing, this.#journal, {
      access: () => this.#access(),
      faultOf: (operation) => this.#operationFault(operation),
      falseUploadStatus: () => this.#injector.upload() ?? this.#defect.upload(),
      powerLost: () => this.#powerLost(),
      rebooted: () => this.unplug(REBOOT_MS),
      left: (pointer) => this.#left(pointer),
    });
  }

  #access(): Access {
    return {
      space: this.#space,
      journal: this.#journal,
      protection: this.#protection,
      dropsWhenProtected: this.#part.family === "U5",
    };
  }

  #blank(): AddressSpace {
    const rules = family(this.#part.family);
    const random = createRandom(this.#seed).fork(`flash ${this.#generation}`);
    const flash = new NorFlash(this.#part.flash, rules, random);
    return new AddressSpace(flash, this.#part.extra, 0xff);
  }

  #armed(): FaultInjector {
    const random = createRandom(this.#seed).fork(`faults ${this.#generation}`);
    const injector = new FaultInjector(random, this.#journal);
    for (const fault of this.#faults) injector.add(fault);
    return injector;
  }

  #applyStanding(faults: readonly Fault[]): void {
    for (const fault of faults) {
      if (fault.kind === "serial") this.#serial = fault.serial;
      if (fault.kind === "read-protect") {
        this.#protection = fault.level;
        protect(this.#part, this.#space, fault.level);
      }
      if (fault.kind === "stuck") this.flash.stuck.set(fault.address, [fault.mask, fault.value]);
      if (fault.kind === "write-protect") {
        for (const sector of fault.sectors) this.flash.protectedSectors.add(sector);
      }
    }
  }

  #descriptorOptions(): {
    readonly part: Part;
    readonly serial: string;
    readonly truncateStringsTo?: number;
  } {
    const cut = this.#faults.find((fault) => fault.kind === "truncated-strings");
    return {
      part: this.#part,
      serial: this.#serial,
      ...(cut ? { truncateStringsTo: cut.bytes } : {}),
    };
  }
}

export const createVirtualUnit = (options: VirtualUnitOptions): VirtualUnit =>
  new VirtualUnit(options);
