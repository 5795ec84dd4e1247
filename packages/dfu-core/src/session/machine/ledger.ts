import type { EngineCode } from "../../codes.ts";
import { PROFILES, type Profile, type ProfileName } from "../../pacing/profiles.ts";
import { type BlockStep, type FasterSteps, PacingSteps } from "./pacing-steps.ts";

/**
 * What the buffer may begin with.
 * `harmless`: nothing that the device takes for a command. If it is executed, the device reports an error and the loss is noticed.
 * `command`: the engine's own last command. Executed in the place of an erase it does nothing that was not asked for. In the place of
 * SET_ADDRESS it is silent, and what follows is read or written at the old address.
 * `unknown`: it may be a command that this engine never sent.
 */
export type BufferContent = "harmless" | "command" | "unknown";

/** The address that block numbers count from. Any failure clears it. */
export interface Cursor {
  readonly direction: "upload" | "download";
  readonly alternate: number;
  /** Address of block 2. */
  readonly base: number;
  /** The address after the last block. */
  readonly next: number;
}

/**
 * Blocks of one span written upwards, since a SET_ADDRESS whose loss would have been noticed. The device's pointer is at the
 * beginning of one of them. A block that follows and goes astray therefore falls between the first of them and its own end.
 */
export interface Chain {
  readonly alternate: number;
  /** The address of its first block. */
  readonly from: number;
  /** The address after the last block. */
  readonly next: number;
}

/** What the device's state must be now; undefined when an ABORT is needed to know. */
export type AssumedState = "idle" | "download" | "upload" | undefined;

class Ledger {
  /** Transfers of the whole run. */
  transfers = 0;
  /** Link failures of the whole run. */
  failures = 0;
  /** Link failures in which the unit stayed on its port. */
  failuresOnPort = 0;
  /** DNLOADs with data of the whole run, and how many of them proved lost beside those that are failures. */
  dataStages = 0;
  lost = 0;
  /** Codes of the link failures in a row: since the last block or erase that was done. */
  row: readonly EngineCode[] = [];
  /** Milliseconds that failed transfers took, and the rounds of resync that did not bring the device back. */
  lostMs = 0;
  /** Bus resets and re-enumerations. */
  epoch = 0;
  /**
   * Re-enumerations alone: the power may have been off and another unit may be on the port, so what was read before one
   * proves nothing after it.
   */
  arrivals = 0;
  state: AssumedState = undefined;
  /** The memory that SET_INTERFACE chose; undefined when not known. */
  alternate: number | undefined = undefined;
  cursor: Cursor | undefined = undefined;
  chain: Chain | undefined = undefined;
  /** What lies in the buffer that the device shares for both directions. An earlier host may have left anything. */
  buffer: BufferContent = "unknown";
  /** Where the buffer holds a command: these bytes. */
  lastCommand: Uint8Array | undefined = undefined;
  /**
   * Whether the device reports an error for an unknown command. A bootloader on ST's USB Device Library answers OK instead, so that
   * the loss of a SET_ADDRESS's data goes unnoticed.
   */
  refusesUnknown = true;
  /** The device was seen to refuse what is no command, or has a ROM's name and list of commands. */
  refusalProven = false;
  /** What block 2 reads at the device's present pointer, as far as it was read; undefined when that is not known. */
  pointed: Uint8Array | undefined = undefined;
  /** An address whose content told that the pointer had moved. */
  landmark: number | undefined = undefined;
  /** Alternates of which something was read since the unit arrived. */
  readable: ReadonlySet<number> = new Set();
  /** Failed reads that made the unit leave, by address. */
  dropsByAddress: ReadonlyMap<number, number> = new Map();

  readonly #steps: PacingSteps;

  constructor(start: Profile) {
    this.#steps = new PacingSteps(start);
  }

  get profile(): Profile {
    return this.#steps.profile;
  }

  /** Most bytes of a data block that is written, below the profile's own; undefined where those are not known to make the unit hang. */
  get largestBlock(): number | undefined {
    return this.#steps.largestBlock;
  }

  countTransfer(): void {
    this.transfers += 1;
  }

  countData(): void {
    this.dataStages += 1;
  }

  countLost(times = 1): void {
    this.lost += times;
  }

  addLostTime(ms: number): void {
    this.lostMs += ms;
  }

  /** Counts a failure. Returns the profile that was left, if another one was taken. */
  countFailure(cause: EngineCode): Profile | undefined {
    this.failures += 1;
    if (cause !== "link.lost") this.failuresOnPort += 1;
    this.row = [...this.row, cause];
    const left = this.#steps.failed(cause, this.transfers);
    if (left !== undefined) this.loseCursor();
    return left;
  }

  /** A block, an erase or a read is done. Takes a faster step after a clean stretch, and no profile faster than the first. */
  countSuccess(): FasterSteps {
    const taken = this.#steps.succeeded(this.transfers);
    if (taken.profile !== undefined) this.loseCursor();
    return taken;
  }

  /** A data block of `bytes` made the unit hang. Undefined where nothing follows from that. */
  shrinkBlocks(bytes: number): BlockStep | undefined {
    const step = this.#steps.shrinkBlocks(bytes, this.transfers);
    if (step !== undefined) this.loseCursor();
    return step;
  }

  /** Empty once a block or an erase is done. Where the failures since then belong to other work, an earlier row. */
  setRow(row: readonly EngineCode[]): void {
    this.row = row;
  }

  setState(state: AssumedState): void {
    this.state = state;
  }

  /** The next block needs a SET_ADDRESS of its own. */
  loseCursor(): void {
    this.cursor = undefined;
  }

  setCursor(cursor: Cursor | undefined): void {
    this.cursor = cursor;
  }

  /** Before a command that moves the device's pointer, or may. */
  loseChain(): void {
    this.cursor = undefined;
    this.chain = undefined;
  }

  setChain(chain: Chain): void {
    this.chain = chain;
  }

  setBuffer(content: BufferContent): void {
    this.buffer = content;
  }

  /** Undefined where an earlier command may lie in the buffer in its place. */
  setLastCommand(command: Uint8Array | undefined): void {
    this.lastCommand = command;
  }

  /** For the rest of the run. */
  takesUnknown(): void {
    this.refusesUnknown = false;
  }

  /** For the rest of the run. */
  provesRefusal(): void {
    this.refusalProven = true;
  }

  setPointed(data: Uint8Array | undefined): void {
    this.pointed = data;
  }

  setLandmark(address: number): void {
    this.landmark = address;
  }

  /** The device was in dfuIDLE before, and is still. */
  selected(alternate: number): void {
    this.pointed = undefined;
    this.alternate = alternate;
    this.cursor = undefined;
  }

  wasRead(alternate: number): void {
    // Called for every block that is read.
    if (!this.readable.has(alternate)) this.readable = new Set([...this.readable, alternate]);
  }

  /** A bus reset was tried. */
  wasReset(): void {
    this.epoch += 1;
    this.loseChain();
    this.state = undefined;
    this.alternate = undefined;
    this.pointed = undefined;
  }

  /** The unit is off its port, or will be. What is known of it does not hold for the device that comes back. */
  hasLeft(): void {
    this.wasReset();
    this.arrivals += 1;
    this.buffer = "unknown";
    this.readable = new Set();
  }

  /** Something is on the port again; USB gives it alternate 0. */
  hasArrived(): void {
    this.alternate = 0;
  }

  /** Returns how often a read at this address made the unit leave. */
  countDrop(address: number): number {
    const drops = (this.dropsByAddress.get(address) ?? 0) + 1;
    this.dropsByAddress = new Map([...this.dropsByAddress, [address, drops]]);
    return drops;
  }

  forgetDrops(address: number): void {
    this.dropsByAddress = new Map([...this.dropsByAddress].filter(([at]) => at !== address));
  }
}

/** What the host knows of the link and of the device behind it. Only its own methods change it. */
export type LinkLedger = Readonly<Ledger>;

export const createLedger = (profile: ProfileName): LinkLedger => new Ledger(PROFILES[profile]);
