/** Class requests (USB DFU 1.1, table 3.2). */
export const DfuRequest = {
  Detach: 0,
  Dnload: 1,
  Upload: 2,
  GetStatus: 3,
  ClrStatus: 4,
  GetState: 5,
  Abort: 6,
} as const;
export type DfuRequest = (typeof DfuRequest)[keyof typeof DfuRequest];

/** bState (USB DFU 1.1, section 6.1.2). A device may send others; keep them as numbers. */
export const DfuState = {
  AppIdle: 0,
  AppDetach: 1,
  Idle: 2,
  DnloadSync: 3,
  DnBusy: 4,
  DnloadIdle: 5,
  ManifestSync: 6,
  Manifest: 7,
  ManifestWaitReset: 8,
  UploadIdle: 9,
  Error: 10,
} as const;
export type DfuState = (typeof DfuState)[keyof typeof DfuState];

/** bStatus (USB DFU 1.1, section 6.1.2). */
export const DfuStatus = {
  Ok: 0x00,
  ErrTarget: 0x01,
  ErrFile: 0x02,
  ErrWrite: 0x03,
  ErrErase: 0x04,
  ErrCheckErased: 0x05,
  ErrProg: 0x06,
  ErrVerify: 0x07,
  ErrAddress: 0x08,
  ErrNotDone: 0x09,
  ErrFirmware: 0x0a,
  ErrVendor: 0x0b,
  ErrUsbReset: 0x0c,
  ErrPowerOnReset: 0x0d,
  ErrUnknown: 0x0e,
  ErrStalledPacket: 0x0f,
} as const;
export type DfuStatus = (typeof DfuStatus)[keyof typeof DfuStatus];

/** First byte of a DNLOAD with wValue 0 (AN3156, section 5). */
export const DfuSeCommand = {
  GetCommands: 0x00,
  SetAddress: 0x21,
  Erase: 0x41,
  ReadUnprotect: 0x92,
} as const;
export type DfuSeCommand = (typeof DfuSeCommand)[keyof typeof DfuSeCommand];

/** wValue of the first data block of DfuSe: 0 is a command, 1 is reserved (AN3156, section 4). */
export const FIRST_DATA_BLOCK = 2;

/** The ROM bootloader's USB ids. */
export const ST_VENDOR_ID = 0x0483;
/** The product id of the ROM bootloader in DFU mode, the same on every part (AN2606). */
export const ST_DFU_PRODUCT_ID = 0xdf11;
