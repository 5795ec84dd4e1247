import { once } from "node:events";
import { request } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { StationPageView } from "@flashline/contract";
import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildPageApp } from "./app.ts";
import { BARE_VIEW, REPORT } from "./testing.ts";

describe("the page's event stream", () => {
  let app: FastifyInstance;
  let port: number;
  let tell: (view: StationPageView) => void;
  const sockets: Socket[] = [];
  beforeEach(async () => {
    app = await buildPageApp({
      webDir: "",
      page: {
        view: () => BARE_VIEW,
        subscribe(listener) {
          tell = listener;
          return () => undefined;
        },
        scan: () => undefined,
        start: () => undefined,
        acknowledge: () => undefined,
        decide: () => undefined,
        askLabel: () => undefined,
        decideLabel: () => undefined,
        callLead: () => undefined,
        endCall: () => undefined,
        doctor: () => Promise.resolve(REPORT),
        changeNests: () => Promise.resolve(),
        resend: () => Promise.resolve({ count: 2, unreadable: [] }),
      },
    });
    await app.listen({ host: "127.0.0.1", port: 0 });
    port = (app.server.address() as AddressInfo).port;
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await app.close();
  });

  /** Asks for the stream and reads no byte of it, as a page does whose PC sleeps. */
  async function deafPage(): Promise<void> {
    const socket = connect(port, "127.0.0.1").pause();
    sockets.push(socket);
    await once(socket, "connect");
    socket.write("GET /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  }

  /** A page that reads; resolves with its stream when the first view is there. */
  async function page() {
    const asked = request({ host: "127.0.0.1", port, path: "/api/events" }).end();
    const [stream] = await once(asked, "response");
    await once(stream, "data");
    return stream;
  }

  it("outlives a page that reads nothing while others come and go", async () => {
    await deafPage();
    await page();
    const large = { ...BARE_VIEW, productTitle: "x".repeat(200_000) };
    for (let n = 0; n < 60; n++) tell(large);
    for (let n = 0; n < 15; n++) await page();
    const last = await page();
    tell({ ...BARE_VIEW, queuedResults: 7 });
    const [chunk] = await once(last, "data");
    expect(String(chunk)).toContain('"queuedResults":7');
  });
});
