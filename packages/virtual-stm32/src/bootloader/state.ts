import { DfuState, DfuStatus } from "@flashline/dfu-core/protocol";

/**
 * What the bootloader keeps in RAM. The names follow ST's USB Device Library. The SETUP of a DNLOAD alone stores block and
 * length. One buffer serves both directions and is never cleared.
 */
export interface BootState {
  state: number;
  status: number;
  block: number;
  /** 0 when no DNLOAD waits to be executed. */
  length: number;
  pointer: number;
  readonly buffer: Uint8Array;
  /** The running operation, and how it will end. */
  running: Running | undefined;
  /** While the unit hangs in dfuDNBUSY. */
  wedge: Wedge | undefined;
  /** A block shorter than wTransferSize came since SET_ADDRESS: later block numbers are ambiguous. */
  afterShort: boolean;
  /** No request has changed anything since power-on; some ROMs start in dfuERROR and stay there through enumeration. */
  untouched: boolean;
}

/** How long the host is told to wait; the flash has its own time. */
export interface Running {
  /** In ms of the unit's clock. */
  readonly until: number;
  readonly status: number;
  readonly pollMs: number;
}

/** The operation never went on, or it did and its end is never told. */
export interface Wedge {
  readonly clearedBy: Clearer;
  /** No class request is answered. The host times out at each of them. */
  readonly silent: boolean;
}

/** The cure of a unit that hangs in dfuDNBUSY. A bus reset includes the two weaker ones, a power cycle includes all. */
export type Clearer = "clrstatus" | "abort" | "reset" | "powercycle" | "never";
/** Every {@link Clearer}, the weakest first. */
export const CLEARERS: readonly Clearer[] = ["clrstatus", "abort", "reset", "powercycle", "never"];

/** The largest DNLOAD is wTransferSize; the rest is what a write of whole granules may run into. */
const BUFFER_SLACK = 64;

export function powerOn(transferSize: number, defaultPointer: number): BootState {
  return {
    state: DfuState.Idle,
    status: DfuStatus.Ok,
    block: 0,
    length: 0,
    pointer: defaultPointer,
    buffer: new Uint8Array(transferSize + BUFFER_SLACK),
    running: undefined,
    wedge: undefined,
    afterShort: false,
    untouched: true,
  };
}

/** SET_CONFIGURATION after a bus reset initialises the class (usbd_dfu.c, USBD_DFU_Init); the buffer stays as it is. */
export function initialise(boot: BootState, defaultPointer: number): void {
  if (boot.untouched) return;
  if (boot.wedge?.clearedBy === "powercycle" || boot.wedge?.clearedBy === "never") return;
  boot.pointer = defaultPointer;
  boot.afterShort = false;
  toIdle(boot);
  boot.running = undefined;
  boot.wedge = undefined;
}

export function toIdle(boot: BootState): void {
  boot.state = DfuState.Idle;
  boot.status = DfuStatus.Ok;
  boot.block = 0;
  boot.length = 0;
}

export function toError(boot: BootState, status: number): void {
  boot.state = DfuState.Error;
  boot.status = status;
  boot.block = 0;
  boot.length = 0;
}
