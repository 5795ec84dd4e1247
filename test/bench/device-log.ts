import type { SetupPacket, VirtualUnit } from "@flashline/virtual-stm32";

/** One control transfer as the device saw it. */
export interface LoggedTransfer {
  /** Of the unit's clock, when the request was there. */
  readonly atMs: number;
  readonly setup: SetupPacket;
  readonly data: Uint8Array;
  readonly carried: boolean;
}

export interface DeviceLog {
  readonly transfers: readonly LoggedTransfer[];
  /** From the first to the last one. */
  readonly ms: number;
}

/** The device's own log of everything that any host asks, begun anew by each call. */
export function keepLog(unit: VirtualUnit): () => DeviceLog {
  let transfers: LoggedTransfer[] = [];
  unit.onTransfer((setup, data, reply) => {
    const atMs = unit.clock.now();
    // A Buffer would be written as JSON in its own way, and slice() of one is no copy.
    transfers.push({ atMs, setup, data: Uint8Array.from(data), carried: reply.kind === "data" });
  });
  return () => {
    const taken = transfers;
    transfers = [];
    return { transfers: taken, ms: (taken.at(-1)?.atMs ?? 0) - (taken[0]?.atMs ?? 0) };
  };
}

const CLASS = 0x20;
const TYPE = 0x60;

/** Of DFU itself; reading descriptors is the host's own habit. */
export const isClass = ({ setup }: LoggedTransfer): boolean => (setup.requestType & TYPE) === CLASS;

export const classTransfers = ({ transfers }: DeviceLog): number =>
  transfers.filter(isClass).length;
