import { createServer, type Server, type ServerResponse } from "node:http";
import { type Code, FlashlineError, type LeasedJob } from "@flashline/contract";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { NO_LABELS } from "../labels/testing.ts";
import { peopleAt } from "../people/testing.ts";
import { serverLink } from "../server/link.ts";
import { type Board, createBoard } from "./board.ts";
import type { GrantAnswer, Grants, TakenPlace } from "./granted.ts";
import { createOperator } from "./operator.ts";
import { createPermission } from "./permission.ts";
import { NO_DECISIONS, unitOn } from "./testing.ts";

const log = pino({ level: "silent" });
const STATION = "019f0000-0000-7000-8000-000000000001";

let server: Server | undefined;
let board: Board;
/** Places that were taken, and what became of them. */
let places: string[];
let ran: string[];
let answer: GrantAnswer;
/** Resolves when a place may be given out. */
let disk: Promise<void>;
/** What speaks against a unit of which a result waits here. */
let untold: Code | undefined;
beforeEach(() => {
  untold = undefined;
  places = [];
  ran = [];
  answer = { kind: "may" };
  disk = Promise.resolve();
});
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(null) : server.close(resolve)));
  server = undefined;
});

const grants: Pick<Grants, "ask" | "view" | "take"> = {
  view: { left: 3, until: "2026-11-29T21:10:00Z" },
  ask: () => answer,
  async take(jobId, serial, nest): Promise<TakenPlace> {
    await disk;
    if (answer.kind === "refused") throw answer.error;
    places.push(serial);
    return {
      job: { jobId, serial, nest } as LeasedJob,
      use: () => ({ id: STATION, place: places.length, at: "" }),
      now: () => Date.now(),
      mustHold: () => undefined,
      free() {
        places.push("freed");
        return Promise.resolve();
      },
      ended: () => undefined,
    };
  },
};

/** An operator at a nest with a unit, whose server is at this address. */
function prepared(baseUrl: string) {
  const link = serverLink({ baseUrl });
  board = createBoard(() => performance.now());
  board.applySetup({
    stationId: STATION,
    station: "L3-01",
    line: "L3",
    plant: "Graz",
    timeZone: "UTC",
    nests: [{ name: "1", portPath: "1-1", enabled: true }],
    workOrder: null,
    workOrders: [],
    calls: [],
    grants: null,
  });
  board.onUnits([unitOn("1-1")]);
  const people = peopleAt({
    link,
    setup: () => undefined,
    notify: (message) => board.notify(message),
    onChange: () => permission.askAgain(),
  });
  const worker = () => people.worker;
  const permission = createPermission({
    board,
    link,
    log,
    grants,
    abilities: [],
    worker,
    untold: () => untold,
  });
  const operator = createOperator({
    way: "single",
    scanKeptMs: 0,
    labels: NO_LABELS,
    board,
    link,
    log,
    people,
    permission,
    grants,
    abilities: [],
    runGranted: ({ job }) => void ran.push(job.jobId),
    setup: () => undefined,
    decisions: NO_DECISIONS,
    cancelJob: () => undefined,
    now: () => performance.now(),
  });
  return { operator, permission, link };
}
/** Answers every request as `respond` does. */
async function serving(respond: (path: string, response: ServerResponse) => void): Promise<string> {
  server = createServer(({ url }, response) => respond(url ?? "", response));
  const listening = server;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const address = listening.address();
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
}
const GO = {
  go: true,
  serial: "MC2-000001",
  workOrder: "WO-1",
  product: "MC-2",
  version: "1",
  dirty: false,
};
const NOWHERE = "http://127.0.0.1:9";
const nest = () => board.nest("1");
const becomes = (state: string) => expect.poll(() => nest()?.state).toBe(state);
const code = () => {
  const now = nest();
  return now?.state === "refused" ? now.refusal.code : undefined;
};

it("a unit that the grant lets through is ready without the server, and START takes a place for it", async () => {
  const { operator } = prepared(NOWHERE);
  operator.scan("MC2-000001");
  await becomes("ready");
  operator.start();
  await expect.poll(() => ran.length).toBe(1);
  expect(places).toEqual(["MC2-000001"]);
  expect(nest()).toMatchObject({ state: "starting", jobId: ran[0], serial: "MC2-000001" });
});

it("what the grant refuses says why, and a station without one says that the server is away", async () => {
  const { operator } = prepared(NOWHERE);
  answer = { kind: "refused", error: new FlashlineError("grant.used_up") };
  operator.scan("MC2-000001");
  await becomes("refused");
  expect(code()).toBe("grant.used_up");
  answer = { kind: "none" };
  operator.scan("FL-NEST-1");
  operator.scan("MC2-000002");
  await expect.poll(code).toBe("agent.offline");
});

it("the last place may go to another nest between scan and START", async () => {
  const { operator } = prepared(NOWHERE);
  operator.scan("MC2-000001");
  await becomes("ready");
  answer = { kind: "refused", error: new FlashlineError("grant.used_up") };
  operator.start();
  await becomes("refused");
  expect(code()).toBe("grant.used_up");
  expect(ran).toEqual([]);
});

it("a unit that is cancelled while its place goes to the disk is not run, and the place is free again", async () => {
  const { operator } = prepared(NOWHERE);
  operator.scan("MC2-000001");
  await becomes("ready");
  let written = (): void => undefined;
  disk = new Promise((resolve) => {
    written = resolve;
  });
  operator.start();
  await becomes("starting");
  operator.scan("FL-CANCEL");
  await becomes("present");
  written();
  await expect.poll(() => places).toEqual(["MC2-000001", "freed"]);
  expect(ran).toEqual([]);
});

it("a server that hangs is waited for some seconds, at the scan and at START, and no longer", async () => {
  let hangs = false;
  const url = await serving((_, response) => {
    if (!hangs) response.end(JSON.stringify(GO));
  });
  const { operator } = prepared(url);
  operator.scan("MC2-000001");
  await becomes("ready");
  hangs = true;
  const began = performance.now();
  operator.start();
  await expect.poll(() => ran.length).toBe(1);
  expect(performance.now() - began).toBeGreaterThan(2_500);
});

it("the server comes back between scan and START: a unit of which it lacks a result waits for that", async () => {
  let isAway = true;
  const asked: string[] = [];
  const url = await serving((path, response) => {
    asked.push(path);
    response.writeHead(isAway ? 503 : 200);
    response.end(isAway ? "" : JSON.stringify(path.endsWith("/preflight") ? GO : {}));
  });
  const { operator, permission, link } = prepared(url);
  // It has failed here without the server, and may be tried again.
  untold = "preflight.nest_busy";
  operator.scan("MC2-000001");
  await becomes("ready");
  isAway = false;
  await link.call("preflight", { body: { serial: "MC2-000001", nest: "1" } });
  asked.length = 0;
  operator.start();
  await becomes("refused");
  expect(code()).toBe("preflight.nest_busy");
  expect([asked, places, ran]).toEqual([[], [], []]);
  // The server has the result.
  untold = undefined;
  permission.jobOver();
  await becomes("ready");
});
