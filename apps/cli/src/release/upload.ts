import { setTimeout as pause } from "node:timers/promises";
import { RefusedError } from "@flashline/contract";
import type { ApiClient } from "../api.ts";
import { sizeText } from "../terminal/units.ts";

/** Larger images go in parts, so that a cut connection costs at most one of them. Bytes. */
const PART = 1024 * 1024;
/** So long a part may take before the connection counts as dead, milliseconds. */
const PART_MS = 120_000;
/** Waits between tries that got nowhere, milliseconds. After the last one it is given up. */
const WAITS_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000];

interface Upload {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

/** What may be over a moment later: no connection, a server that restarts, a disk that is full, an upload that stands elsewhere. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof RefusedError)) return error instanceof Error && !("exit" in error);
  return error.status >= 500 || error.status === 408 || error.refusal.code === "upload.offset";
}

/** A server that is older than uploads in parts. */
const isOlder = (error: unknown): boolean =>
  error instanceof RefusedError && error.refusal.code === "request.not_found";

/** Sends what is missing, part by part. Rejects where the connection is cut; what came in stays at the server. */
async function sendRest(
  call: ApiClient,
  { sha256, bytes }: Upload,
  onPart: (offset: number) => void,
): Promise<void> {
  const params = { sha256 };
  const size = bytes.length;
  const timeout = () => AbortSignal.timeout(PART_MS);
  const { body } = await call("upload", { params, query: { size } }, timeout());
  let { offset, complete } = body;
  onPart(offset);
  while (!complete) {
    const part = bytes.subarray(offset, offset + PART);
    const query = { size, offset };
    const answer = await call("uploadPart", { params, query, body: part }, timeout());
    ({ offset, complete } = answer.body);
    onPart(offset);
  }
}

/**
 * Uploads an image; a large one in parts. Where the connection is cut or the server restarts it goes on where the server stands, by itself, and
 * so does a later call after this program was ended. `note` hears of interruptions.
 */
export async function uploadImage(
  call: ApiClient,
  upload: Upload,
  note: (text: string) => void,
): Promise<void> {
  const { name, bytes } = upload;
  if (bytes.length <= PART) {
    await call("uploadImage", { body: bytes });
    return;
  }
  let tries = 0;
  let reached = -1;
  const onPart = (offset: number) => {
    if (offset > reached && reached >= 0) tries = 0;
    if (reached < 0 && offset > 0 && offset < bytes.length) {
      note(`${name}: ${sizeText(offset)} of ${sizeText(bytes.length)} are there; going on.`);
    }
    reached = Math.max(reached, offset);
  };
  for (;;) {
    try {
      return await sendRest(call, upload, onPart);
    } catch (error) {
      if (isOlder(error)) {
        await call("uploadImage", { body: bytes });
        return;
      }
      const wait = WAITS_MS[tries];
      if (!isPassing(error) || wait === undefined) throw error;
      tries += 1;
      const why = error instanceof RefusedError ? error.refusal.message : "no connection";
      note(`${name}: interrupted at ${sizeText(Math.max(reached, 0))} (${why}); trying again.`);
      await pause(wait);
    }
  }
}
