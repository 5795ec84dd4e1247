/** DFU functional descriptor (USB DFU 1.1, table 4.2). */
export interface FunctionalDescriptor {
  readonly attributes: number;
  readonly detachTimeoutMs: number;
  /** wTransferSize in bytes; a device that says 0 is taken as 2048 (see the quirk table). */
  readonly transferSize: number;
  /** bcdDFUVersion, 0x011A for DfuSe. */
  readonly dfuVersion: number;
}

/** A string descriptor that came shorter than its own bLength says, or not at all. Lengths are bytes of the descriptor. */
export interface CutString {
  readonly received: number;
  /** bLength; 0 where the device refused to send the string, so that its length is not known. */
  readonly announced: number;
}

/** One alternate setting of the DFU interface: in DfuSe, one memory. */
export interface AlternateSetting {
  readonly alternate: number;
  /** bInterfaceProtocol: 2 in DFU mode, 0 on some clones. */
  readonly protocol: number;
  /** The iInterface string, in DfuSe the memory layout ("@Internal Flash  /0x08000000/…"); empty when unreadable. */
  readonly name: string;
  /** Set where `name` is not the whole string. */
  readonly cut?: CutString | undefined;
}

/** What a device says of itself, read once after it is opened. */
export interface DeviceDescriptors {
  readonly vendorId: number;
  readonly productId: number;
  readonly bcdUsb: number;
  readonly bcdDevice: number;
  readonly manufacturer: string;
  readonly product: string;
  /** iSerialNumber. Not unique on STM32: never a key. */
  readonly serial: string;
  readonly interfaceNumber: number;
  readonly alternates: readonly AlternateSetting[];
  /** Undefined when the configuration has none; then it is not a DFU device. */
  readonly functional: FunctionalDescriptor | undefined;
}

/** bInterfaceProtocol of a device that runs its application and can be asked into DFU mode (USB DFU 1.1, table 4.1). */
const RUN_TIME_PROTOCOL = 1;

/** The device runs its application: nothing but DETACH is for it. One that names a memory is a bootloader, whatever its protocol says. */
export const isRunTime = ({ alternates }: DeviceDescriptors): boolean =>
  alternates.length > 0 &&
  alternates.every(({ protocol, name }) => protocol === RUN_TIME_PROTOCOL && !name.startsWith("@"));
