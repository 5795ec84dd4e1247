export {
  type AttachedEntry,
  type LinkEntry,
  requestName,
  type Setup,
  type TranscriptEntry,
  type TransferEntry,
  type TransferResult,
} from "./entry.ts";
export { encodePcapng, type PcapngOptions } from "./pcapng.ts";
export { recordTransport } from "./record-transport.ts";
export {
  createTranscript,
  type Transcript,
  type TranscriptLimits,
  type TranscriptSummary,
} from "./ring.ts";
export {
  type StoredLinkEvent,
  type StoredTranscript,
  type StoredTransfer,
  storedTranscript,
} from "./stored.ts";
