import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type EventStream, eventStream } from "./index.ts";

let server: Server;
let port: number;
const sockets: Socket[] = [];
const responses: ServerResponse[] = [];

/** A real server whose every request listens to `stream`. */
async function serve(stream: EventStream): Promise<void> {
  server = createServer((_request, response) => {
    responses.push(response);
    stream.add(response, {}, { data: "first" });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ({ port } = server.address() as AddressInfo);
}

afterEach(async () => {
  vi.useRealTimers();
  for (const socket of sockets.splice(0)) socket.destroy();
  responses.length = 0;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** In turns of the event loop: a poll of vitest moves the time of a test that has its own. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate);
}

/** A client that reads; what it was told is in `seen`. */
async function reader() {
  const asked = request({ host: "127.0.0.1", port, agent: false }).end();
  const [answer]: IncomingMessage[] = await once(asked, "response");
  if (answer === undefined) return expect.fail("no answer");
  const told = { answer, seen: "", ended: new Promise((resolve) => answer.once("close", resolve)) };
  answer.setEncoding("utf8").on("error", () => undefined);
  answer.on("data", (chunk: string) => {
    told.seen += chunk;
  });
  await until(() => told.seen.includes('"first"'));
  return told;
}

/** A client that asks and then reads no byte. */
async function deaf(stream: EventStream): Promise<Socket> {
  const before = stream.clients;
  const socket = connect(port, "127.0.0.1").pause();
  sockets.push(socket);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  await until(() => stream.clients === before + 1);
  return socket;
}

/** Sends until `enough`: the kernel holds some megabytes for a client before Node has to. */
async function sendUntil(stream: EventStream, enough: () => boolean): Promise<void> {
  for (let n = 0; n < 200 && !enough(); n++) {
    stream.send({ data: "x".repeat(200_000) });
    await new Promise(setImmediate);
  }
  expect(enough()).toBe(true);
}
const unread = () => responses.every(({ writableLength }) => writableLength > 0);

describe("an event stream", () => {
  it("tells everybody, by name or without, and forgets who left", async () => {
    const stream = eventStream();
    await serve(stream);
    const [one, two] = [await reader(), await reader()];
    expect(one.answer.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
    stream.send({ event: "view", data: { a: 'line\n"' } });
    const expected = 'event: view\ndata: {"a":"line\\n\\""}\n\n';
    await expect.poll(() => [one.seen, two.seen].every((s) => s.endsWith(expected))).toBe(true);
    one.answer.destroy();
    await expect.poll(() => stream.clients).toBe(1);
    stream.close();
    await two.ended;
    expect(two.answer.complete).toBe(true);
  });

  it("lets a client go that reads nothing, and nobody else", async () => {
    const stream = eventStream();
    await serve(stream);
    await deaf(stream);
    const awake = await reader();
    await sendUntil(stream, () => stream.clients === 1);
    stream.send({ data: "last" });
    await expect.poll(() => awake.seen.endsWith('data: "last"\n\n')).toBe(true);
  });

  it("never writes to a stream that has ended, though its last bytes are unread", async () => {
    // What fills the kernel takes a busy machine longer than any time that a test would wait for the end.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const stream = eventStream({ longestMs: 800, mostClients: 2 });
    await serve(stream);
    await deaf(stream);
    await deaf(stream);
    await sendUntil(stream, unread);
    await reader();
    expect(stream.clients).toBe(2);
    stream.send({ data: "to the one that stays and the new one" });
    vi.advanceTimersByTime(800);
    expect(stream.clients).toBe(0);
    stream.send({ data: "to nobody" });
    expect(responses.map(({ writableEnded }) => writableEnded)).toEqual([true, true, true]);
    vi.advanceTimersByTime(1000);
    await until(() => responses.every((r) => r.destroyed));
  });

  it("closes with its server although nobody reads the end", async () => {
    const stream = eventStream();
    await serve(stream);
    await deaf(stream);
    await sendUntil(stream, unread);
    stream.close();
    expect(stream.clients).toBe(0);
    await new Promise((resolve) => server.close(resolve));
  });

  it("takes nobody in who left before, and ends who comes after its close", async () => {
    const stream = eventStream();
    server = createServer((asked, response) => {
      const add = () => stream.add(response, {}, { data: "first" });
      if (asked.url === "/late") response.once("close", add);
      else add();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    ({ port } = server.address() as AddressInfo);
    const late = request({ host: "127.0.0.1", port, path: "/late" }).on("error", () => undefined);
    const arrived = once(server, "request");
    late.end();
    await arrived;
    late.destroy();
    await reader();
    expect(stream.clients).toBe(1);
    stream.close();
    await (await reader()).ended;
    expect(stream.clients).toBe(0);
  });
});
