import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Delivery } from "../deliver/rounds.ts";
import { type Journal, openJournal } from "../journal/journal.ts";
import { serverLink } from "../server/link.ts";
import { startTranscriptDelivery } from "./delivery.ts";
import { type TranscriptStore, transcriptStore } from "./store.ts";

const ID = (n: number) => `019f0000-0000-7000-8000-00000000000${n}`;
const log = pino({ level: "silent" });

/** Answers over a real socket. */
describe("transcripts of failed attempts", () => {
  let folder: string;
  let journal: Journal;
  let server: Server;
  let delivery: Delivery | undefined;
  let received: string[];
  let statuses: number[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "flashline-transcripts-"));
    journal = await openJournal(folder);
    received = [];
    statuses = [];
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on("end", () => {
        received.push(`${request.url?.split("/")[4]?.slice(-1)} ${body}`);
        const status = statuses.shift() ?? 201;
        response.writeHead(status, { "content-type": "application/json" });
        const code = status === 404 ? "result.attempt_unknown" : "server.unavailable";
        const refusal = { code, blame: "system", message: "", action: "" };
        response.end(status < 300 ? "" : JSON.stringify(refusal));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(async () => {
    await delivery?.stop();
    await new Promise((resolve) => server.close(resolve));
    await journal.close();
    await rm(folder, { recursive: true });
  });

  const storeOf = (most?: number): TranscriptStore =>
    transcriptStore(join(folder, "transcripts"), {
      log,
      onKept: () => delivery?.wake(),
      ...(most === undefined ? {} : { most }),
    });
  async function keep(store: TranscriptStore, ...numbers: readonly number[]): Promise<void> {
    for (const n of numbers) store.keep(ID(n), () => Buffer.from(`file ${n}`));
    await store.idle();
  }
  function start(store: TranscriptStore): void {
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const link = serverLink({ baseUrl: `http://127.0.0.1:${port}` });
    delivery = startTranscriptDelivery({ store, journal, link, log, random: () => 0 });
  }

  it("wait until no result waits, then go one by one and are forgotten", async () => {
    const files = storeOf();
    let rounds = 0;
    const store: TranscriptStore = {
      ...files,
      list() {
        rounds++;
        return files.list();
      },
    };
    await journal.result(ID(2), "{}", { serial: "A", nest: "1", outcome: "FAIL", durationMs: 1 });
    await keep(store, 2, 1);
    start(store);
    await expect.poll(() => rounds).toBe(1);
    delivery?.wake();
    // The next round begins when the first one has ended, and it would have sent both.
    await expect.poll(() => rounds).toBe(2);
    expect(received).toEqual([]);
    await journal.settled(ID(2), "accepted");
    delivery?.wake();
    await expect.poll(() => files.list()).toEqual([]);
    expect(received).toEqual(["1 file 1", "2 file 2"]);
  });

  it("are kept while the server is away, and thrown away when it will never take them", async () => {
    const store = storeOf();
    statuses = [503, 201, 404];
    await keep(store, 1, 2);
    start(store);
    await expect.poll(() => store.list()).toEqual([]);
    expect(received).toEqual(["1 file 1", "1 file 1", "2 file 2"]);
  });

  it("that are too many give way, the oldest first; one that cannot be made costs nothing", async () => {
    const store = storeOf(2);
    store.keep(ID(4), () => {
      throw new RangeError("out of memory");
    });
    await keep(store, 1, 2, 3);
    expect(await store.list()).toEqual([ID(2), ID(3)]);
  });
});
