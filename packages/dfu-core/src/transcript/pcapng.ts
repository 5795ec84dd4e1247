import { descriptorTransfers } from "./descriptor-transfers.ts";
import type { Setup, TranscriptEntry, TransferEntry } from "./entry.ts";
import { interfaceBlock, packetBlock, sectionBlock } from "./pcapng-blocks.ts";
import type { Transcript } from "./ring.ts";
import { isContent } from "./stored.ts";
import { usbmonPacket } from "./usbmon.ts";

/** What a capture file says beside the transfers. */
export interface PcapngOptions {
  /** Unix time of the recording clock's zero, in milliseconds. */
  readonly epochMs: number;
  /** Goes into the section header; for a person who finds the file. */
  readonly application: string;
  /** Port path or any other name of the link. */
  readonly link: string;
  /**
   * Leaves out what the flash of a unit holds. Such a data stage keeps its length and shows this digest, cut to that length, as
   * usbmon shows the beginning of a long one. The digest must not let the data be guessed; see {@link storedTranscript}.
   */
  readonly elide?: (data: Uint8Array) => Uint8Array;
}

const NOTHING = new Uint8Array(0);

const EVENT_TEXT: Readonly<Record<string, string>> = {
  reset: "bus reset",
  reenumerate: "re-enumeration",
  "power-cycle": "port power off and on",
};

const DESCRIPTORS_MADE =
  "asked before the recording began; made again from what is known of the device";

/**
 * A capture file that Wireshark and tshark read as one of Linux' usbmon. With the payload of every transfer it is only for a
 * person who asked for it; what is stored has `elide` (rule 19, docs/protocol.md). What usbmon does not see (resets, re-enumerations) is
 * a comment on the packet that follows; each re-enumeration counts the device number up.
 */
export function encodePcapng(transcript: Transcript, options: PcapngOptions): Uint8Array {
  const blocks = [sectionBlock(options.application), interfaceBlock(options.link)];
  const { dropped } = transcript.summary;
  let id = 0;
  let device = 0;
  let notes = dropped === 0 ? [] : [`${dropped} older transfers were not kept`];

  const add = (times: { startMs: number; endMs: number }, transfer: Transfer): void => {
    id += 1;
    const { setup, data, result } = transfer;
    const isIn = setup.requestType >= 0x80;
    const carried = result === "done" ? data.length : 0;
    for (const type of ["submit", "complete"] as const) {
      const submit = type === "submit";
      const atMs = submit ? times.startMs : times.endMs;
      const atUs = Math.round((options.epochMs + atMs) * 1000);
      const length = submit ? setup.length : carried;
      const carries = submit !== isIn && data.length > 0;
      const elided = carries && options.elide !== undefined && isContent(setup);
      const shown = elided ? digestOf(data, options.elide) : carries ? data : NOTHING;
      if (elided) notes.push(`${data.length} bytes of content, of which this is a digest`);
      const packet = usbmonPacket({ type, id, device, setup, result, atUs, length, data: shown });
      blocks.push(packetBlock(packet, atUs, notes.join("; ")));
      notes = [];
    }
  };

  for (const entry of transcript.entries) {
    if (entry.kind === "transfer") add(entry, entry);
    else if (entry.kind === "attached") {
      device = (device % 127) + 1;
      for (const { setup, data } of descriptorTransfers(entry.descriptors)) {
        notes.push(DESCRIPTORS_MADE);
        add(entry, { setup, data, result: "done" });
      }
    } else notes.push(noteOf(entry));
  }
  return joined(blocks);
}

const digestOf = (data: Uint8Array, elide: (data: Uint8Array) => Uint8Array): Uint8Array =>
  elide(data).subarray(0, data.length);

type Transfer = Pick<TransferEntry, "data" | "result"> & { readonly setup: Setup };

function noteOf(entry: Exclude<TranscriptEntry, { kind: "transfer" | "attached" }>): string {
  const ms = Math.round(entry.endMs - entry.startMs);
  return `${EVENT_TEXT[entry.kind]} ${entry.done ? "" : "failed "}after ${ms} ms, before this packet`;
}

function joined(blocks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    bytes.set(block, at);
    at += block.length;
  }
  return bytes;
}
