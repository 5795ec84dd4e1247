import type { EngineCode } from "../../codes.ts";
import { gentler, PROFILES, type Profile, type ProfileName } from "../../pacing/profiles.ts";

/**
 * What the buffer may begin with.
 * `harmless`: nothing that the device takes for a command. If it is executed, the device reports an error and the loss is noticed.
 * `command`: the engine's own last command. Executed in the place of an erase it does nothing that was not asked for. In the place of
 * SET_ADDRESS it is silent, and what follows is read or written at the old address.
 * `unknown`: it may be a command that nobody gave.
 */
export type BufferContent = "harmless" | "command" | "unknown";

/** Where block numbers count from; gone after any failure. */
export interface Cursor {
  readonly direction: "upload" | "download";
  readonly alternate: number;
  /** Address of block 2. */
  readonly base: number;
  /** The address after the last block. */
  readonly next: number;
}

/**
 * Blocks written upwards, one after the other, since a SET_ADDRESS whose loss would have been noticed. Wherever among them the device's
 * pointer was left, a block that is no longer than any of them falls on what they cover.
 */
export interface Chain {
  readonly alternate: number;
  /** The address after the last block. */
  readonly next: number;
  /** Bytes of the shortest. */
  readonly shortest: number;
}

/** What the device's state must be now; undefined when an ABORT is needed to know. */
export type AssumedState = "idle" | "download" | "upload" | undefined;

class Ledger {
  profile: Profile;
  /** Transfers of the whole run. */
  transfers = 0;
  /** Link failures of the whole run. */
  failures = 0;
  /** Link failures since the present profile was taken, and transfers before that. */
  failuresInProfile = 0;
  transfersBefore = 0;
  /** Codes of the link failures in a row: since the last block or erase that was done. */
  row: readonly EngineCode[] = [];
  /** Spent on transfers that failed and on the rounds of resync after them that did not bring the device back. */
  lostMs = 0;
  /** Bus resets and re-enumerations. */
  epoch = 0;
  /**
   * Re-enumerations alone: the power may have been off and another unit may be on the port, so what was read before one
   * proves nothing after it.
   */
  arrivals = 0;
  state: AssumedState = undefined;
  /** The memory that SET_INTERFACE chose; undefined when nobody knows. */
  alternate: number | undefined = undefined;
  cursor: Cursor | undefined = undefined;
  chain: Chain | undefined = undefined;
  /** What lies in the buffer that the device shares for both directions. An earlier host may have left anything. */
  buffer: BufferContent = "unknown";
  /**
   * Whether the device reports an error for what is no command. A bootloader on ST's USB Device Library says OK, and a SET_ADDRESS
   * whose data was lost goes unnoticed.
   */
  refusesUnknown = true;
  /** What block 2 reads at the device's present pointer, as far as it was read; undefined when that is not known. */
  pointed: Uint8Array | undefined = undefined;
  /** An address whose content told that the pointer had moved. */
  landmark: number | undefined = undefined;
  /** Alternates of which something was read since the unit arrived. */
  readable: ReadonlySet<number> = new Set();
  /** Failed reads that made the unit leave, by address. */
  dropsByAddress: ReadonlyMap<number, number> = new Map();

  constructor(profile: Profile) {
    this.profile = profile;
  }

  countTransfer(): void {
    this.transfers += 1;
  }

  addLostTime(ms: number): void {
    this.lostMs += ms;
  }

  /** Counts a failure. Returns the profile that was left when its patience is over and the next gentler one was taken. */
  countFailure(cause: EngineCode): Profile | undefined {
    this.failures += 1;
    this.row = [...this.row, cause];
    this.failuresInProfile += 1;
    const from = this.profile;
    const next = gentler(from);
    const tolerated = Math.max(
      from.patience,
      from.tolerates * (this.transfers - this.transfersBefore),
    );
    if (next === undefined || this.failuresInProfile < tolerated) return undefined;
    this.profile = next;
    this.failuresInProfile = 0;
    this.transfersBefore = this.transfers;
    this.cursor = undefined;
    return from;
  }

  /** Empty once a block or an erase is done; an earlier one when what failed since then was no part of the same work. */
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

  /** For the rest of the run. */
  takesUnknown(): void {
    this.refusesUnknown = false;
  }

  setPointed(data: Uint8Array | undefined): void {
    this.pointed = data;
  }

  setLandmark(address: number): void {
    this.landmark = address;
  }

  selected(alternate: number): void {
    this.pointed = undefined;
    this.alternate = alternate;
    this.state = undefined;
    this.cursor = undefined;
  }

  wasRead(alternate: number): void {
    this.readable = new Set([...this.readable, alternate]);
  }

  /** A bus reset was tried. */
  wasReset(): void {
    this.epoch += 1;
    this.loseChain();
    this.state = undefined;
    this.alternate = undefined;
    this.pointed = undefined;
  }

  /** The unit is off its port, or will be: what is known of it is not known of what comes back. */
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

/** What the host knows of the link and of the device behind it. Its own methods alone change it. */
export type LinkLedger = Readonly<Ledger>;

export const createLedger = (profile: ProfileName): LinkLedger => new Ledger(PROFILES[profile]);
