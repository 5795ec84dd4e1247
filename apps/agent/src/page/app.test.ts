import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FlashlineError, type StationPageView } from "@flashline/contract";
import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildPageApp } from "./app.ts";
import { isOwnRequest } from "./same-origin.ts";
import { BARE_VIEW, REPORT } from "./testing.ts";

describe("station page", () => {
  let app: FastifyInstance;
  let folder: string;
  let done: string[];
  let listener: ((view: StationPageView) => void) | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "flashline-page-"));
    await writeFile(join(folder, "index.html"), "<!doctype html><title>Station</title>");
    done = [];
    app = await buildPageApp({
      webDir: folder,
      page: {
        view: () => ({ ...BARE_VIEW, notice: { ...BARE_VIEW.notice, count: done.length } }),
        subscribe(wanted) {
          listener = wanted;
          return () => {
            listener = undefined;
          };
        },
        scan: (text) => void done.push(`scan ${text}`),
        start: (nest) => void done.push(`start ${nest ?? "all"}`),
        acknowledge: (nest) => void done.push(`acknowledge ${nest}`),
        decide: (reason) => void done.push(`decide ${reason}`),
        askLabel: (nest) => void done.push(`label of ${nest ?? "any"}`),
        decideLabel: (decision) => void done.push(`label ${decision}`),
        callLead: () => void done.push("lead"),
        endCall: () => void done.push("lead is there"),
        changeNests: ({ change, name }) => {
          done.push(`${change} ${name}`);
          return name === "taken"
            ? Promise.reject(new FlashlineError("nest.name_taken"))
            : Promise.resolve();
        },
        doctor: () => Promise.resolve(REPORT),
        resend: () => Promise.resolve({ count: 2, unreadable: [] }),
      },
    });
  });
  afterEach(async () => {
    await app.close();
    await rm(folder, { recursive: true });
  });
  const own = { host: "127.0.0.1:8371", origin: "http://127.0.0.1:8371" };

  it("passes what a person does on, and answers with the view", async () => {
    const post = (url: string, payload: object) =>
      app.inject({ method: "POST", url, payload, headers: own });
    expect((await post("/api/scan", { text: "MC2-1" })).json()).toMatchObject({
      notice: { count: 1 },
    });
    await post("/api/start", {});
    await post("/api/start", { nest: "2" });
    await post("/api/acknowledge", { nest: "2" });
    await post("/api/call-lead", {});
    await post("/api/end-call", {});
    expect(done).toEqual([
      ...["scan MC2-1", "start all", "start 2", "acknowledge 2", "lead", "lead is there"],
    ]);
  });

  it("passes a change of the nests on, and says why one is refused", async () => {
    const post = (payload: object) =>
      app.inject({ method: "POST", url: "/api/nests", payload, headers: own });
    expect((await post({ change: "remove", name: "2" })).statusCode).toBe(200);
    const taken = await post({ change: "teach", name: "taken", portPath: "3-1" });
    expect([taken.statusCode, taken.json()]).toMatchObject([409, { code: "nest.name_taken" }]);
    for (const odd of [{}, { change: "teach", name: " ", portPath: "3-1" }, { change: "all" }]) {
      expect((await post(odd)).statusCode).toBe(400);
    }
    expect(done).toEqual(["remove 2", "teach taken"]);
  });

  it.each([
    ["another name that points here", { host: "evil.example:8371" }],
    ["another page's origin", { host: "127.0.0.1:8371", origin: "http://evil.example" }],
    ["another port's page", { host: "127.0.0.1:8371", origin: "http://127.0.0.1:9000" }],
    ["a page without an origin", { host: "127.0.0.1:8371", origin: "null" }],
  ])("refuses %s", async (_what, headers) => {
    for (const url of ["/api/view", "/api/events", "/"]) {
      const answer = await app.inject({ method: "GET", url, headers });
      expect(answer.statusCode).toBe(403);
      expect(answer.json()).toMatchObject({ code: "auth.forbidden" });
    }
    const scan = { method: "POST", url: "/api/scan", payload: { text: "x" }, headers } as const;
    expect((await app.inject(scan)).statusCode).toBe(403);
    expect(done).toEqual([]);
  });

  it("refuses what is not a scan, with a code", async () => {
    for (const payload of [{}, { text: "" }, { text: "x".repeat(201) }]) {
      const answer = await app.inject({ method: "POST", url: "/api/scan", payload, headers: own });
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toMatchObject({ code: "request.invalid" });
    }
    const form = { ...own, "content-type": "text/plain" };
    const plain = await app.inject({
      method: "POST",
      url: "/api/scan",
      payload: "x",
      headers: form,
    });
    expect(plain.statusCode).toBe(415);
    expect(done).toEqual([]);
  });

  it("serves the page with a strict policy, and says how to build it when it is missing", async () => {
    const answer = await app.inject({ url: "/", headers: own });
    expect(answer.body).toContain("<title>Station</title>");
    expect(answer.headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    const page = { ...BARE_VIEW, subscribe: () => () => undefined };
    const bare = await buildPageApp({
      webDir: join(folder, "none"),
      page: {
        ...page,
        view: () => BARE_VIEW,
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
    expect((await bare.inject({ url: "/", headers: own })).body).toContain("npm run build:web");
    await bare.close();
  });

  it("streams the view on every change, and does not keep the app from closing", async () => {
    const address = await app.listen({ host: "127.0.0.1", port: 0 });
    const stream = await fetch(`${address}/api/events`);
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toContain("event: view");
    listener?.({ ...BARE_VIEW, queuedResults: 7 });
    expect((await reader?.read())?.value).toContain('"queuedResults":7');
    await app.close();
    expect((await reader?.read())?.done).toBe(true);
  });
});

describe("loopback names", () => {
  it.each([
    ["localhost:8371", "http://localhost:8371", true],
    ["[::1]:8371", "http://[::1]:8371", true],
    ["127.0.0.1:8371", undefined, true],
    ["127.0.0.1.evil.example", undefined, false],
    ["evil@127.0.0.1:8371", undefined, false],
    ["127.1:8371", undefined, false],
    ["", undefined, false],
    [undefined, undefined, false],
  ])("%s with origin %s: %s", (host, origin, allowed) => {
    expect(isOwnRequest(host, origin)).toBe(allowed);
  });
});
