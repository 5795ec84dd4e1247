import { DfuRequest } from "../protocol/constants.ts";
import { requestName, type Setup, type TransferEntry, type TransferResult } from "./entry.ts";
import type { Transcript, TranscriptSummary } from "./ring.ts";

/** A transfer as it may be kept with an attempt: nothing that a unit's flash holds, only how long it was and its digest. */
export interface StoredTransfer {
  /** Since the first transfer that is kept. */
  readonly atMs: number;
  readonly ms: number;
  readonly request: string;
  /** wValue: the block number of DNLOAD and UPLOAD. */
  readonly value: number;
  /** Bytes of the data stage. */
  readonly length: number;
  readonly result: TransferResult;
  /** Hexadecimal, for what never is content: commands, statuses, states. */
  readonly data?: string;
  /** Of content. */
  readonly digest?: string;
}

/** A reset, a return or a power cycle as it is stored. `ms` is how long it took. */
export interface StoredLinkEvent {
  readonly atMs: number;
  readonly ms: number;
  readonly event: "reset" | "reenumerate" | "power-cycle";
  readonly done: boolean;
}

/** A transcript as JSON, without the content that went over the wire. */
export interface StoredTranscript {
  readonly schema: 1;
  readonly summary: TranscriptSummary;
  readonly entries: readonly (StoredTransfer | StoredLinkEvent)[];
}

const digit = (byte: number): string => byte.toString(16).padStart(2, "0");

/** Blocks from 2 carry content; block 1 is reserved and no host sends it, so it gets the same treatment. */
export const isContent = ({ request, value }: Setup): boolean =>
  (request === DfuRequest.Dnload || request === DfuRequest.Upload) && value > 0;

/**
 * The form for storage (rule 19, docs/protocol.md): data stages are elided to length and digest. `digest` gets a whole data stage and
 * must not let it be guessed: a block may hold a short secret between bytes that everybody knows. A digest keyed with a
 * random key that is then forgotten still shows which blocks were read back as they were sent.
 */
export function storedTranscript(
  transcript: Transcript,
  digest: (data: Uint8Array) => string,
): StoredTranscript {
  const { entries, summary } = transcript;
  const origin = entries.find((entry) => entry.kind === "transfer")?.startMs ?? 0;
  const round = (ms: number) => Math.round(ms * 1000) / 1000;
  const when = ({ startMs, endMs }: { startMs: number; endMs: number }) => ({
    atMs: round(startMs - origin),
    ms: round(endMs - startMs),
  });
  const stored = entries.flatMap((entry): (StoredTransfer | StoredLinkEvent)[] => {
    if (entry.kind === "attached") return [];
    if (entry.kind === "transfer") return [{ ...when(entry), ...transferOf(entry, digest) }];
    return [{ ...when(entry), event: entry.kind, done: entry.done }];
  });
  return { schema: 1, summary, entries: stored };
}

function transferOf(
  { setup, data, result }: TransferEntry,
  digest: (data: Uint8Array) => string,
): Omit<StoredTransfer, "atMs" | "ms"> {
  const facts = {
    request: requestName(setup),
    value: setup.value,
    length: data.length,
    result,
  };
  if (data.length === 0) return facts;
  return isContent(setup)
    ? { ...facts, digest: digest(data) }
    : { ...facts, data: Array.from(data, digit).join("") };
}
