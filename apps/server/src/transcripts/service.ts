import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { FlashlineError } from "@flashline/contract";
import type { Owner, TranscriptsRepository } from "./repository.ts";

const pack = promisify(gzip);
const unpack = promisify(gunzip);

/** Agents keep to 2 MiB. */
const MOST_BYTES = 4 * 1024 * 1024;
/** Block type of a pcapng section header; the same in both byte orders. */
const SECTION = Buffer.from([0x0a, 0x0d, 0x0d, 0x0a]);

async function read(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MOST_BYTES) {
      throw new FlashlineError(
        "request.too_large",
        `A transcript has at most ${MOST_BYTES} bytes.`,
        { parameters: { most: MOST_BYTES } },
      );
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** Transcripts of failed attempts and golden checks: evidence beside the result, never a condition of it. */
export function transcriptsService(repository: TranscriptsRepository) {
  return {
    /** True when it is new. The first one of an attempt or check counts; a repeat changes nothing. For a station a check is an attempt. */
    async keep(stationId: string, id: string, stream: Readable | undefined): Promise<boolean> {
      const bytes = stream === undefined ? Buffer.alloc(0) : await read(stream);
      if (!bytes.subarray(0, SECTION.length).equals(SECTION)) {
        throw new FlashlineError("transcript.invalid", "This is no pcapng file.");
      }
      const packed = await pack(bytes);
      const add = (owner: Owner) => repository.add(owner, id, stationId, bytes.length, packed);
      const found = await add("attempt");
      const kept = found === "no-attempt" ? await add("golden-check") : found;
      switch (kept) {
        case "no-attempt":
          throw new FlashlineError("result.attempt_unknown");
        case "not-failed":
          throw new FlashlineError("transcript.invalid", "The attempt has not failed.");
        case "stored":
        case "known":
          return kept === "stored";
      }
    },
    async file(owner: Owner, id: string): Promise<Buffer> {
      const packed = await repository.gzip(owner, id);
      if (packed === undefined) throw new FlashlineError("transcript.not_kept");
      return await unpack(packed);
    },
  };
}
