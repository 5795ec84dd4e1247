import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { LabelReport } from "@flashline/contract";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Delivery } from "../deliver/rounds.ts";
import { type Journal, openJournal } from "../journal/journal.ts";
import { intentOf, SUMMARY } from "../journal/testing.ts";
import { serverLink } from "../server/link.ts";
import { startLabelDelivery } from "./delivery.ts";
import { type LabelStore, openLabelStore } from "./store.ts";

const ID = (n: number) => `019f0000-0000-7000-8000-00000000000${n}`;
const log = pino({ level: "silent" });

/** Answers over a real socket. */
describe("what became of labels, on its way to the server", () => {
  let folder: string;
  let journal: Journal;
  let store: LabelStore;
  let server: Server;
  let delivery: Delivery | undefined;
  let received: string[];
  let statuses: number[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "flashline-label-delivery-"));
    journal = await openJournal(folder);
    store = await openLabelStore(join(folder, "labels"), log);
    received = [];
    statuses = [];
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on("end", () => {
        const { entries } = LabelReport.parse(JSON.parse(body));
        const deeds = entries.map(({ deed }) => deed).join("+");
        received.push(`${request.url?.split("/")[4]?.slice(-1)} ${deeds}`);
        const status = statuses.shift() ?? 200;
        response.writeHead(status, { "content-type": "application/json" });
        const code = status === 409 ? "request.conflict" : "server.unavailable";
        const refusal = { code, blame: "system", message: "", action: "" };
        response.end(JSON.stringify(status < 300 ? { entries: entries.length } : refusal));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(async () => {
    await delivery?.stop();
    delivery = undefined;
    await new Promise((resolve) => server.close(resolve));
    await journal.close();
    await rm(folder, { recursive: true });
  });

  const add = async (n: number) => {
    await store.add({
      attemptId: ID(n),
      serial: `MC2-${n}`,
      nest: "1",
      at: new Date().toISOString(),
      durationMs: 1,
      zpl: "^XA^XZ",
      code: null,
      begun: false,
      late: false,
      entries: [],
      delivered: 0,
    });
    await store.enter(ID(n), { deed: "printed" });
  };
  function start(): void {
    const { port } = server.address() as AddressInfo;
    const link = serverLink({ baseUrl: `http://127.0.0.1:${port}` });
    delivery = startLabelDelivery({ store, journal, link, log, random: () => 0 });
  }

  it("waits for the result of its attempt, and goes whole each time", async () => {
    await journal.intent(intentOf(ID(1)));
    await journal.result(ID(1), "{}", SUMMARY);
    await add(1);
    await add(2);
    start();
    await expect.poll(() => received).toEqual(["2 printed"]);
    await journal.settled(ID(1), "accepted");
    delivery?.wake();
    await expect.poll(() => received).toEqual(["2 printed", "1 printed"]);
    await store.enter(ID(1), { deed: "scanned" });
    delivery?.wake();
    await expect.poll(() => received.at(-1)).toBe("1 printed+scanned");
    delivery?.wake();
    await expect.poll(() => store.saved()[0]?.delivered).toBe(2);
    expect(received).toHaveLength(3);
  });

  it("does not go before it is on the disk", async () => {
    await add(1);
    start();
    await expect.poll(() => store.saved()[0]?.delivered).toBe(1);
    const labels = join(folder, "labels");
    await rename(labels, join(folder, "away"));
    await writeFile(labels, "");
    await expect(store.enter(ID(1), { deed: "scanned" })).rejects.toThrow();
    await add(2).catch(() => undefined);
    delivery?.wake();
    await pause(200);
    expect(received).toEqual(["1 printed"]);
    await rm(labels);
    await rename(join(folder, "away"), labels);
    await store.enter(ID(1), { deed: "mixed", scanned: "X" });
    delivery?.wake();
    await expect.poll(() => received.at(-1)).toBe("1 printed+scanned+mixed");
  });

  it("is sent again until the server has it, also by another life of the agent", async () => {
    await add(1);
    statuses = [503, 503];
    start();
    // What the server has, the agent knows once it has the answer, and the disk takes it.
    await expect.poll(() => store.saved()[0]?.delivered).toBe(1);
    expect(received).toEqual(["1 printed", "1 printed", "1 printed"]);
    await delivery?.stop();
    const next = await openLabelStore(join(folder, "labels"), log);
    expect(next.get(ID(1))?.delivered).toBe(1);
  });

  it("stays here when it is refused for good, does not hold up others, and is tried by the next life", async () => {
    await add(1);
    await add(2);
    statuses = [409];
    start();
    await expect.poll(() => received).toEqual(["1 printed", "2 printed"]);
    delivery?.wake();
    await expect.poll(() => store.get(ID(2))?.delivered).toBe(1);
    expect(received).toHaveLength(2);
    await delivery?.stop();
    start();
    await expect.poll(() => received.at(-1)).toBe("1 printed");
    await expect.poll(() => store.get(ID(1))?.delivered).toBe(1);
  });
});
