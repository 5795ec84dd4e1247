import { connect, createServer, type Server, type Socket } from "node:net";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { type Bus, openBus } from "./bus.ts";
import { postgresLine } from "./postgres-line.ts";

let client: pg.Client;
beforeAll(async () => {
  client = new pg.Client({ connectionString: inject("postgresUrl") });
  await client.connect();
});
afterAll(() => client.end());

const send = (text: string, values: readonly unknown[]) => client.query(text, [...values]);
const failed: unknown[] = [];
const trouble = {
  listener: (error: unknown) => void failed.push(error),
  line: (error: unknown) => void failed.push(error),
};
const WAIT = { timeout: 5_000 };
const textOf = (payload: string) => Buffer.from(payload).toString("base64");

describe("what somebody else put on the line", () => {
  let bus: Bus;
  beforeEach(async () => {
    failed.length = 0;
    bus = await openBus("here", trouble, postgresLine(inject("postgresUrl"), send));
  });
  afterEach(() => bus.close());

  it.each([
    ["no JSON", [`x/0/1/${textOf("no JSON")}`], 1],
    ["JSON that is no message", [`x/0/1/${textOf("null")}`], 1],
    ["a topic that is no name", [`x/0/1/${textOf('{"from":"there","topic":7}')}`], 1],
    ["nothing", [""], 0],
    ["parts beyond their count", ["x/7/2/AA==", "x/8/2/AA=="], 0],
    ["parts that are counted in words", ["x/one/two/AA==", "x/0/9e99/AA==", "x/-1/2/AA=="], 0],
  ])("is %s: told at most, and the next message is heard", async (_what, payloads, told) => {
    const heard: unknown[] = [];
    bus.subscribe("test", (message) => heard.push(message));
    for (const payload of payloads) await send("SELECT pg_notify('flashline_bus', $1)", [payload]);
    const good = JSON.stringify({ from: "there", topic: "test", message: "ü".repeat(6000) });
    const bytes = Buffer.from(good);
    // Twice the first part, as nobody sends it: a part counts once.
    for (const part of [0, 0, 1, 2]) {
      const piece = bytes.subarray(part * 5000, (part + 1) * 5000).toString("base64");
      await send("SELECT pg_notify('flashline_bus', $1)", [`good/${part}/3/${piece}`]);
    }
    await expect.poll(() => heard).toEqual(["ü".repeat(6000)]);
    expect(failed).toHaveLength(told);
  });
});

describe("a line that cannot listen", () => {
  let proxy: Server;
  const open = new Set<Socket>();
  let spoil = true;
  let url: string;
  beforeEach(async () => {
    failed.length = 0;
    spoil = true;
    const real = new URL(inject("postgresUrl"));
    proxy = createServer((socket) => {
      const server = connect(Number(real.port), real.hostname);
      open.add(socket);
      socket.on("close", () => {
        open.delete(socket);
        server.destroy();
      });
      server.on("close", () => socket.destroy());
      for (const each of [socket, server]) each.on("error", () => undefined);
      server.pipe(socket);
      // PostgreSQL answers with a syntax error and keeps the connection.
      socket.on("data", (bytes) => {
        const text = bytes.toString("latin1");
        server.write(spoil ? text.replace("LISTEN", "LISTEM") : text, "latin1");
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const address = proxy.address();
    const port = typeof address === "object" ? address?.port : undefined;
    url = Object.assign(new URL(real), { port }).href;
  });
  afterEach(async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => proxy.close(resolve));
  });

  it("leaves no connection, and asks no more once nobody has it", async () => {
    const opening = postgresLine(url, send)(() => undefined, trouble.line);
    await expect(opening).rejects.toThrow("LISTEM");
    await expect.poll(() => open.size).toBe(0);
  });

  it("tries again with one connection at a time until it is heard", async () => {
    spoil = false;
    const heard: string[] = [];
    const line = await postgresLine(url, send)((text) => void heard.push(text), trouble.line);
    spoil = true;
    for (const socket of open) socket.destroy();
    await expect.poll(() => failed.some((e) => String(e).includes("LISTEM")), WAIT).toBe(true);
    await expect.poll(() => open.size).toBe(0);
    spoil = false;
    await expect.poll(() => open.size, WAIT).toBe(1);
    await expect
      .poll(async () => {
        await line.send("here again");
        return heard.includes("here again");
      }, WAIT)
      .toBe(true);
    await line.close();
    await expect.poll(() => open.size).toBe(0);
  });
});
