import { type Clock, DfuRequest } from "@flashline/dfu-core/protocol";
import type { Board } from "../bootloader/board.ts";
import { Bootloader, type Timing } from "../bootloader/bootloader.ts";
import type { OperationFault } from "../bootloader/execution.ts";
import type { Journal } from "../bootloader/journal.ts";
import type { Access } from "../bootloader/memory-access.ts";
import type { Operation } from "../bootloader/operation.ts";
import type { Fault, WireLoss } from "../faults/fault.ts";
import { type Departure, FaultInjector } from "../faults/injector.ts";
import { AddressSpace } from "../flash/memory.ts";
import { NorFlash } from "../flash/nor-flash.ts";
import { levelIn, putLevel } from "../option-bytes/option-bytes.ts";
import type { Protection } from "../option-bytes/protection.ts";
import { type OptionRules, optionRules } from "../option-bytes/rules.ts";
import { writeProtected } from "../option-bytes/write-protection.ts";
import { eepromRules, family, type Part } from "../parts/index.ts";
import type { DefectInjector } from "../place/defect.ts";
import { PlainBootloader } from "../plain-dfu/plain-bootloader.ts";
import { RunTimeMachine } from "../plain-dfu/run-time-machine.ts";
import type { Random } from "../random.ts";
import { findDescriptor } from "../usb/descriptors.ts";
import {
  answer,
  type ControlReply,
  GONE,
  isIn,
  LOST,
  type SetupPacket,
  stall,
} from "../usb/setup.ts";
import { applicationPart, loadApplication, startsApplication } from "./application.ts";
import { StandardRequests } from "./standard-requests.ts";
import { plausibleVector } from "./vector.ts";

export interface ChipOptions {
  readonly part: Part;
  readonly serial: string;
  readonly faults: readonly Fault[];
  readonly random: Random;
  readonly clock: Clock;
  readonly timing: Timing;
  readonly journal: Journal;
  readonly defect: DefectInjector;
}

/** What the chip does to its port. */
export interface PortEvents {
  /** Off the bus; back after so many ms, or not by itself. */
  lost(backAfterMs: number | undefined): void;
  /** Reset by itself: back as a bootloader after so many ms, by default the boot time. */
  rebooted(backAfterMs: number | undefined): void;
  /** Another unit is put in its place. */
  swapped(backAfterMs: number | undefined): void;
  /** The bootloader was left; `runs`: there was something to start. */
  left(runs: boolean): void;
}

/** The chip of one unit, with the faults that belong to it. Its port decides whether it is on the bus. */
export class Chip {
  readonly part: Part;
  readonly #options: ChipOptions;
  readonly #events: PortEvents;
  readonly #faults: Fault[] = [];
  /** Write protected, even if the option bytes do not say so. */
  readonly #faultySectors = new Set<number>();
  readonly #optionRules: OptionRules;
  readonly #space: AddressSpace;
  readonly #injector: FaultInjector;
  readonly #standard: StandardRequests;
  #bootloader: Bootloader | PlainBootloader;
  /** Set while the application runs and has a DFU interface. */
  #application: RunTimeMachine | undefined;
  /** The application asked for its bootloader: the next start goes there. */
  #toDfuMode = false;
  #serial: string;
  #protection: Protection = 0;
  #dataBytes = 0;
  #cut: Departure | undefined;

  constructor(options: ChipOptions, events: PortEvents) {
    const { part, random, journal } = options;
    this.part = part;
    this.#options = options;
    this.#events = events;
    this.#serial = options.serial;
    this.#optionRules = optionRules(part.family);
    const flash = new NorFlash(part.flash, family(part.family), random.fork("flash"));
    this.#space = new AddressSpace(flash, eepromOf(part, random.fork("eeprom")), part.extra, 0xff);
    const secondBank = flash.base + flash.size / 2;
    this.#injector = new FaultInjector(random.fork("faults"), journal, secondBank);
    loadApplication(part, flash);
    this.#bootloader = this.#boot();
    this.#application = this.#startApplication();
    this.#standard = new StandardRequests(() => ({
      find: (type, index) => this.descriptor(type, index),
      alternates: this.shown.alternates.length,
    }));
    this.#protectSectors();
    for (const fault of options.faults) this.addFault(fault);
  }

  get serial(): string {
    return this.#serial;
  }

  /** What its descriptors are made of now: the application's while it runs. */
  get shown(): Part {
    return this.#application === undefined ? this.part : applicationPart(this.part);
  }

  get flash(): NorFlash {
    return this.#space.flash;
  }

  get eeprom(): NorFlash | undefined {
    return this.#space.eeprom;
  }

  get configuration(): number {
    return this.#standard.configuration;
  }

  get alternate(): number {
    return this.#standard.alternate;
  }

  /** What a start takes beyond the usual, in ms. */
  get slowBootMs(): number {
    return this.#faults.find((fault) => fault.kind === "slow-boot")?.ms ?? 0;
  }

  get protection(): Protection {
    return this.#protection;
  }

  addFault(fault: Fault): void {
    this.#faults.push(fault);
    this.#injector.add(fault, this.#dataBytes);
    switch (fault.kind) {
      case "serial":
        this.#serial = fault.serial;
        break;
      case "read-protect":
        this.#setProtection(fault.level);
        break;
      case "stuck":
        this.#space.cellsAt(fault.address)?.stuck.set(fault.address, [fault.mask, fault.value]);
        break;
      case "write-protect":
        for (const sector of fault.sectors) this.#faultySectors.add(sector);
        this.#protectSectors();
        break;
      default:
    }
  }

  /** What GET_DESCRIPTOR answers, without asking over the bus. */
  descriptor(type: number, index: number): Uint8Array | undefined {
    const { part, ...options } = this.#describe();
    return findDescriptor(part, options, type, index);
  }

  busReset(): void {
    this.#standard.reset();
    this.#bootloader.initialise();
    this.#application?.busReset();
  }

  /** Power is gone: after it the option bytes count as they stand. */
  powerOff(): void {
    this.reset();
    this.#loadOptions("power-on");
  }

  /**
   * The core starts anew. RAM and bus state are gone, and what was under way in the flash is torn. Flash, option bytes and a wedge
   * that nothing clears stay.
   */
  reset(): void {
    const wedge = this.#bootloader.wedged;
    this.#bootloader.powerLost();
    this.#cut = undefined;
    this.#bootloader = this.#boot();
    this.#application = this.#toDfuMode ? undefined : this.#startApplication();
    this.#toDfuMode = false;
    this.#standard.reset();
    if (wedge?.clearedBy === "never") this.#bootloader.wedge(wedge);
  }

  handle(setup: SetupPacket, data: Uint8Array): ControlReply {
    if ((setup.requestType & 0x60) === 0) {
      return this.#standard.handle(setup, () => this.#bootloader.initialise());
    }
    return this.#class(setup, data);
  }

  #class(setup: SetupPacket, data: Uint8Array): ControlReply {
    const { journal, clock, defect } = this.#options;
    const { requestType, index } = setup;
    if ((index & 0xff) !== 0 || (requestType & 0x7f) !== 0x21) {
      journal.reject("request.interface", `bmRequestType ${requestType}, wIndex ${index}`);
      return stall();
    }
    if (this.configuration === 0) {
      journal.reject("request.unconfigured", `bRequest ${setup.request} before SET_CONFIGURATION`);
      return stall();
    }
    journal.counters.firstAtMs ??= clock.now();
    journal.counters.lastAtMs = clock.now();
    const loss = this.#injector.wire(setup) ?? defect.wire(setup, clock.now());
    if (loss === "stall") return stall();
    if (loss === "lost-setup") return LOST;
    if (this.#application !== undefined) {
      const reply = askApplication(this.#application, setup);
      return silent(loss) ? LOST : reply;
    }
    if (this.#departs(setup, data)) return GONE;
    const reply = this.#bootloader.control(
      setup,
      data,
      loss === "lost-data" || loss === "lost-ack",
    );
    journal.count(setup.request, setup.length, reply);
    return silent(loss) && reply.kind !== "gone" ? LOST : reply;
  }

  /** Faults at a byte of the download; a power cut and a reset wait for the program to start. */
  #departs(setup: SetupPacket, data: Uint8Array): boolean {
    if (setup.request !== DfuRequest.Dnload || setup.value < 2 || data.length === 0) return false;
    const before = this.#dataBytes;
    this.#dataBytes += data.length;
    const departure = this.#injector.departure(before, this.#dataBytes);
    switch (departure?.kind) {
      case undefined:
        return false;
      case "power-cut":
      case "reboot":
        this.#cut = departure;
        return false;
      case "unplug":
        this.#events.lost(departure.backAfterMs);
        return true;
      case "swap":
        this.#events.swapped(departure.backAfterMs);
        return true;
    }
  }

  #boot(): Bootloader | PlainBootloader {
    const { clock, timing, journal, defect } = this.#options;
    const board: Board = {
      access: () => this.#access(),
      faultOf: (operation) => this.#faultOf(operation),
      falseUploadStatus: () => this.#injector.upload() ?? defect.upload(),
      leavesSilently: () => this.#leavesSilently(),
      powerLost: (backAfterMs) => this.#events.lost(backAfterMs),
      rebooted: (backAfterMs) => this.#events.rebooted(backAfterMs),
      left: (pointer) => this.#events.left(plausibleVector(this.flash, pointer)),
      alternate: () => this.alternate,
    };
    const { part } = this;
    return part.plain === undefined
      ? new Bootloader(part, clock, timing, journal, board)
      : new PlainBootloader({ ...part, plain: part.plain }, clock, timing, journal, board);
  }

  /** Undefined where it has no DFU interface, or there is nothing that would start. */
  #startApplication(): RunTimeMachine | undefined {
    const { clock, journal } = this.#options;
    const { runTime, usb } = this.part;
    if (runTime === undefined || !startsApplication(this.part, this.flash)) return undefined;
    return new RunTimeMachine(
      { willDetach: runTime.willDetach, detachTimeoutMs: usb.detachTimeoutMs },
      clock,
      () => {
        this.#toDfuMode = true;
        this.#events.rebooted(undefined);
      },
      (why) => journal.reject("run-time", why),
    );
  }

  #leavesSilently(): boolean {
    if (this.part.rom.leaveStatus === "missing") return true;
    const silent = this.#faults.some((fault) => fault.kind === "leave-silent");
    if (silent) this.#options.journal.struck("leave-silent");
    return silent;
  }

  #faultOf(operation: Operation): OperationFault {
    const cut = operation.kind === "program" ? this.#cut : undefined;
    return {
      ...this.#options.defect.operation(),
      ...this.#injector.operation(operation),
      ...(cut ? { cut: { ...cut, by: cut.kind === "reboot" ? "reset" : "power" } } : {}),
    };
  }

  #access(): Access {
    return {
      space: this.#space,
      journal: this.#options.journal,
      protection: this.#protection,
      optionRules: this.#optionRules,
      dropsWhenProtected: this.part.family === "U5",
      liftProtection: () => this.#setProtection(0),
      loadOptions: () => this.#loadOptions("reset"),
    };
  }

  #setProtection(level: Protection): void {
    this.#protection = level;
    const [first] = this.#space.options();
    if (first !== undefined) putLevel(this.#optionRules, first, level);
  }

  /**
   * Level 2 is for ever (RM0090, section 3.7.3). At level 1 the bootloader executes Read Unprotect alone, so only that command
   * leads back.
   */
  #loadOptions(by: OptionRules["rdpLoaded"]): void {
    const [first] = this.#space.options();
    if (first === undefined || this.#protection === 2) return;
    if (by === "power-on" || this.#optionRules.rdpLoaded === "reset") {
      this.#protection = levelIn(this.#optionRules, first);
    }
    this.#protectSectors();
  }

  #protectSectors(): void {
    const { protectedSectors } = this.flash;
    protectedSectors.clear();
    const written = writeProtected(this.part.family, this.#space.options());
    for (const sector of [...this.#faultySectors, ...written]) protectedSectors.add(sector);
  }

  #describe(): {
    readonly part: Part;
    readonly serial: string;
    readonly truncateStringsTo?: number;
  } {
    const cut = this.#faults.find((fault) => fault.kind === "truncated-strings");
    return {
      part: this.shown,
      serial: this.#serial,
      ...(cut ? { truncateStringsTo: cut.bytes } : {}),
    };
  }
}

function askApplication(application: RunTimeMachine, setup: SetupPacket): ControlReply {
  const { request, value, length } = setup;
  if (!isIn(setup)) return application.out(request, value) ? answer() : stall();
  const bytes = application.in(request);
  return bytes === undefined ? stall() : answer(bytes.subarray(0, length));
}

function eepromOf({ extra, family: name }: Part, random: Random): NorFlash | undefined {
  const memory = extra.find(({ kind }) => kind === "data");
  if (memory === undefined) return undefined;
  const { base, size, content } = memory;
  const eeprom = new NorFlash({ base, sectors: [[1, size]] }, eepromRules(name), random);
  eeprom.load(base, Uint8Array.from(content ?? []));
  return eeprom;
}

const silent = (loss: WireLoss | undefined): boolean =>
  loss === "lost-ack" || loss === "lost-status";
