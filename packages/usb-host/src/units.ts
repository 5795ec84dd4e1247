import type { DfuTransport } from "@flashline/dfu-core/protocol";
import type { HostFingerprint } from "./topology/fingerprint.ts";
import type { PortPlace } from "./topology/port-place.ts";

/** What a device says that it is; as lsusb prints them. */
export interface UsbIds {
  readonly vendorId: number;
  readonly productId: number;
}

/** What is plugged in on a port, DFU device or not, as one look showed it. */
export interface PortOccupant extends UsbIds {
  /** iSerialNumber; an empty text when the device has no serial. */
  readonly serial: string;
  /** Another number means another enumeration: the same device again, or another one. */
  readonly deviceNumber: number;
  /** `unready`: the system has not configured it yet, or not any more. `bootloader`: a DFU device in DFU mode, or ST's ROM by its ids. */
  readonly kind: "unready" | "bootloader" | "application";
}

/** A DFU device that is plugged in now. Plain data: it crosses process borders and is stored with attempts. */
export interface AttachedUnit {
  /** The kernel's name of the port ("3-1.2"), or a USB/IP busid ("1-1"). The key of a unit on this host. */
  readonly portPath: string;
  readonly vendorId: number;
  readonly productId: number;
  readonly bcdDevice: number;
  /** iSerialNumber; empty when there is none or it was not read. Not unique on STM32: never a key. */
  readonly serial: string;
  readonly product: string;
  /** Strings of the alternate settings. Absent where reading them would take the device from somebody. */
  readonly layouts?: readonly string[];
  /** Present where the device runs its application, and has to be asked into DFU mode first (DETACH). */
  readonly runTime?: true;
  /** The bus address. Another number means that the device left the port in between. */
  readonly deviceNumber: number;
  /** Boot id of the kernel that counts `deviceNumber`; without it the number cannot be compared across restarts. */
  readonly bootId?: string;
  readonly host: HostFingerprint;
  /** True for everything that comes from a simulator, and for all of USB/IP. */
  readonly virtual: boolean;
}

/** A running search for units; `close` ends it. */
export interface UnitWatch {
  close(): Promise<void>;
}

/** Where units come from: this PC's ports, or a USB/IP server. */
export interface UnitSource {
  /**
   * The DFU devices attached now, sorted by port path.
   * @throws LinkError `io` when the source itself cannot be asked.
   */
  list(): Promise<AttachedUnit[]>;

  /**
   * Calls `listener` once with what is attached, and again after every change. A source that cannot be asked for a while
   * counts as empty. Nothing is called after `close` resolved.
   */
  watch(listener: (units: AttachedUnit[]) => void): UnitWatch;

  /**
   * Opens the unit on `portPath`, claims its DFU interface, reads its descriptors and selects alternate 0.
   * @throws LinkError `gone` when no DFU device is there, `io` when it is taken by somebody else or access is denied.
   */
  open(portPath: string, signal?: AbortSignal): Promise<DfuTransport>;

  /** What is plugged in on a port, DFU device or not. Absent where the source sees devices in bootloader mode only. */
  deviceOn?(portPath: string): Promise<PortOccupant | undefined>;

  /** How the place is named now, also while nothing is plugged in. Undefined without its controller. Absent where only units tell it. */
  portAt?(place: PortPlace): string | undefined;

  /** Ends all watches and connections for listing; opened transports are closed by who opened them. */
  close(): Promise<void>;
}
