import { once } from "node:events";
import { readdirSync } from "node:fs";
import { type AddressInfo, connect, type Socket } from "node:net";
import path from "node:path";
import { ErrorBody } from "@flashline/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildApp } from "../app.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";
import type { App } from "./server.ts";

/** How long a whole request may take to come in, milliseconds. */
const REQUEST_MS = 3_000;
let server: TestServer;
let app: App;
let port: number;
beforeAll(async () => {
  server = await startTestServer({ idle: true });
  app = await buildApp(server.platform, { idle: true, headersMs: 500, requestMs: REQUEST_MS });
  await app.listen({ host: "127.0.0.1", port: 0 });
  ({ port } = app.server.address() as AddressInfo);
});
afterAll(async () => {
  await app.close();
  await server.close();
});

/** A bare connection; `heard` is what came on it. */
async function dial() {
  const socket: Socket = connect(port, "127.0.0.1");
  const line = { socket, heard: "", closed: false };
  socket.setEncoding("utf8").on("error", () => undefined);
  socket.on("data", (chunk: string) => {
    line.heard += chunk;
  });
  socket.on("close", () => {
    line.closed = true;
  });
  await once(socket, "connect");
  return line;
}

const upload = (length: number, authorization = "") =>
  `POST /v1/images HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\nContent-Length: ${length}\r\n${authorization}\r\n`;
const LIVES = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

test("refuses who may not call before a byte of the body came, and ends the connection", async () => {
  const line = await dial();
  line.socket.write(upload(1_000_000));
  await expect.poll(() => line.heard, { timeout: 5_000 }).toContain("HTTP/1.1 401");
  expect(line.heard.toLowerCase()).toContain("connection: close");
  await expect.poll(() => line.closed, { timeout: 5_000 }).toBe(true);
});

test("takes the next request of a connection whose refused body came whole", async () => {
  const line = await dial();
  line.socket.write(upload(300_000));
  line.socket.write(Buffer.alloc(300_000));
  line.socket.write(LIVES);
  await expect.poll(() => line.heard, { timeout: 5_000 }).toContain("HTTP/1.1 200");
  expect(line.heard).toContain("HTTP/1.1 401");
  line.socket.destroy();
});

test("says that an image is too large, and does not keep its caller waiting on the same connection", async () => {
  const secret = await server.tokenSecret("releases:publish");
  const line = await dial();
  line.socket.write(upload(40_000_000, `Authorization: Bearer ${secret}\r\n`));
  line.socket.write(Buffer.alloc(17_000_000));
  await expect.poll(() => line.heard, { timeout: 15_000 }).toContain("HTTP/1.1 413");
  expect(line.heard).toContain("request.too_large");
  await expect.poll(() => line.closed, { timeout: 5_000 }).toBe(true);
});

test("waits for no headers that do not come", async () => {
  const line = await dial();
  line.socket.write("GET /healthz HTTP/1.1\r\nHost:");
  await expect.poll(() => line.closed, { timeout: 10_000 }).toBe(true);
  expect(line.heard).toContain("HTTP/1.1 408");
  expect(bodyOf(line.heard)).toMatchObject({ code: "request.timeout", blame: "system" });
});

/** The JSON that follows the last headers. */
const bodyOf = (heard: string): unknown =>
  ErrorBody.parse(JSON.parse(heard.slice(heard.lastIndexOf("\r\n\r\n"))));

test("waits for no body that does not come, of a caller that may send one", async () => {
  const secret = await server.tokenSecret("releases:publish");
  const incoming = () => readdirSync(path.join(server.dataFolder, "images", "incoming"));
  const line = await dial();
  line.socket.write(upload(1_000_000, `Authorization: Bearer ${secret}\r\n`));
  line.socket.write(Buffer.alloc(1_000));
  await expect.poll(incoming, { timeout: REQUEST_MS, interval: 20 }).toHaveLength(1);
  await expect.poll(() => line.closed, { timeout: 15_000 }).toBe(true);
  expect(line.heard).toContain("HTTP/1.1 408");
  expect(bodyOf(line.heard)).toMatchObject({ code: "request.timeout" });
  await expect.poll(incoming).toEqual([]);
});

const half = (headers: string) =>
  `POST /v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers}\r\n\r\n`;

test.each([
  ["no request", "HELLO\r\n\r\n", "no whole HTTP request"],
  ["headers without end", `GET / HTTP/1.1\r\nx: ${"y".repeat(40_000)}`, "headers are too large"],
  ["a body of two lengths", half("Content-Length: 1\r\nContent-Length: 2"), "no whole HTTP"],
  [
    "a chunk of no length",
    `${half("Transfer-Encoding: chunked")}what\r\n`,
    "no whole HTTP request",
  ],
  ["a body that ends early", `${half("Content-Length: 1000")}{"name":`, "no whole HTTP request"],
])("answers %s as what came in damaged, which an agent repeats", async (_what, text, message) => {
  const line = await dial();
  line.socket.end(text);
  await expect.poll(() => line.closed, { timeout: 10_000 }).toBe(true);
  expect(line.heard).toContain("HTTP/1.1 400 ");
  expect(line.heard.match(/HTTP\/1/g)).toHaveLength(1);
  const refusal = bodyOf(line.heard);
  expect(refusal).toMatchObject({ code: "request.garbled" });
  expect(refusal).toHaveProperty("message", expect.stringContaining(message));
});
