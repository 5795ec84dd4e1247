import { requestName, type TranscriptEntry, type TransferResult } from "./entry.ts";

/** Counts of everything that was recorded, whatever the ring still holds. */
export interface TranscriptSummary {
  readonly transfers: number;
  /** By name: DNLOAD, UPLOAD, GETSTATUS … */
  readonly requests: Readonly<Record<string, number>>;
  /** Transfers that did not end well, by how. */
  readonly failures: Readonly<Partial<Record<Exclude<TransferResult, "done">, number>>>;
  /** Data stages of transfers that were done. */
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly busResets: number;
  readonly reenumerations: number;
  readonly powerCycles: number;
  /** From the start of the first transfer to the end of the last one. */
  readonly ms: number;
  readonly slowestTransferMs: number;
  /** Transfers that the ring does not hold any more. */
  readonly dropped: number;
}

/** All control transfers of one hold on a unit, with times. The oldest entries are dropped first. */
export interface Transcript {
  /** Oldest first. Where some were dropped, the device that they belong to is still named first. */
  readonly entries: readonly TranscriptEntry[];
  readonly summary: TranscriptSummary;
  add(entry: TranscriptEntry): void;
}

/** How much a transcript keeps; the oldest entries go first. */
export interface TranscriptLimits {
  /** Entries kept; 20,000 when not given, about three flashes of 1 MiB. */
  readonly entries?: number;
  /** Bytes of data stages kept; 32 MiB when not given. */
  readonly bytes?: number;
}

/** A transcript that keeps the newest entries within its limits. */
export function createTranscript(limits: TranscriptLimits = {}): Transcript {
  const { entries: most = 20_000, bytes: mostBytes = 32 * 1024 * 1024 } = limits;
  let kept: TranscriptEntry[] = [];
  let oldest = 0;
  let bytes = 0;
  /** The device that the oldest entries belong to. */
  let before: TranscriptEntry | undefined;
  let [dropped, transfers, bytesOut, bytesIn] = [0, 0, 0, 0];
  let [busResets, reenumerations, powerCycles] = [0, 0, 0];
  let firstMs: number | undefined;
  let [lastMs, slowestTransferMs] = [0, 0];
  const requests: Record<string, number> = {};
  const failures: Partial<Record<Exclude<TransferResult, "done">, number>> = {};

  function count(entry: TranscriptEntry): void {
    if (entry.kind !== "transfer") {
      busResets += Number(entry.kind === "reset");
      reenumerations += Number(entry.kind === "reenumerate");
      powerCycles += Number(entry.kind === "power-cycle");
      return;
    }
    const { setup, data, result, startMs, endMs } = entry;
    const name = requestName(setup);
    transfers += 1;
    requests[name] = (requests[name] ?? 0) + 1;
    firstMs ??= startMs;
    lastMs = endMs;
    slowestTransferMs = Math.max(slowestTransferMs, endMs - startMs);
    if (result !== "done") failures[result] = (failures[result] ?? 0) + 1;
    else if (setup.requestType >= 0x80) bytesIn += data.length;
    else bytesOut += data.length;
  }

  function dropOldest(): void {
    const entry = kept[oldest];
    oldest += 1;
    if (entry?.kind === "attached") before = entry;
    if (entry?.kind !== "transfer") return;
    dropped += 1;
    bytes -= entry.data.length;
  }

  return {
    get entries() {
      const present = kept.slice(oldest);
      return before === undefined ? present : [before, ...present];
    },
    get summary() {
      return {
        transfers,
        requests: { ...requests },
        failures: { ...failures },
        bytesOut,
        bytesIn,
        busResets,
        reenumerations,
        powerCycles,
        ms: firstMs === undefined ? 0 : lastMs - firstMs,
        slowestTransferMs,
        dropped,
      };
    },
    add(entry) {
      count(entry);
      kept.push(entry);
      if (entry.kind === "transfer") bytes += entry.data.length;
      while (kept.length - oldest > most || bytes > mostBytes) dropOldest();
      if (oldest > most) {
        kept = kept.slice(oldest);
        oldest = 0;
      }
    },
  };
}
