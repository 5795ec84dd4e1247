import { finished, type Readable } from "node:stream";

/** Of an answer that is a file to keep. */
export const fileHeaders = (name: string) => ({
  "cache-control": "private, no-store",
  "content-disposition": `attachment; filename="${name}"`,
});

/** A list as a file; `done` is called when its reader has it, or has left. */
export function csvAnswer(name: string, stream: Readable, done: () => void) {
  finished(stream, done);
  const headers = { ...fileHeaders(name), "content-type": "text/csv; charset=utf-8" };
  return { status: 200, body: null, stream, headers } as const;
}
