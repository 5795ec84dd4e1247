import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Code } from "@flashline/contract";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { serverLink } from "../server/link.ts";
import { createBoard } from "./board.ts";
import { createPermission, type PermissionOptions } from "./permission.ts";
import { NO_GRANTS, unitOn } from "./testing.ts";

const log = pino({ level: "silent" });
/** What the server says to each serial; absent: it may start. */
const refusals = new Map<string, string>();
const asked: string[] = [];
let server: Server;

beforeEach(async () => {
  refusals.clear();
  asked.length = 0;
  server = createServer(async (request, response) => {
    const { serial } = JSON.parse(Buffer.concat(await request.toArray()).toString());
    asked.push(serial);
    const code = refusals.get(serial);
    const words = { blame: "operator", message: "Not now.", action: "Wait." };
    const may = { workOrder: "WO-1", product: "mc2", version: "1.0.0", dirty: false };
    const answer = code === undefined ? { go: true, ...may } : { go: false, code, ...words };
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ serial, ...answer }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

/** A station with a unit in each of three nests. */
function prepared(untold?: PermissionOptions["untold"]) {
  const { port } = server.address() as AddressInfo;
  const link = serverLink({ baseUrl: `http://127.0.0.1:${port}` });
  const board = createBoard(() => performance.now());
  board.applySetup({
    stationId: "019f0000-0000-7000-8000-000000000001",
    station: "L3-01",
    line: "L3",
    plant: "Graz",
    timeZone: "UTC",
    workOrder: null,
    workOrders: [],
    calls: [],
    grants: null,
    nests: ["1", "2", "3"].map((name) => ({ name, portPath: `1-${name}`, enabled: true })),
  });
  board.onUnits(["1-1", "1-2", "1-3"].map(unitOn));
  const permission = createPermission({
    board,
    link,
    log,
    abilities: [],
    grants: NO_GRANTS,
    worker: () => undefined,
    ...(untold === undefined ? {} : { untold }),
  });
  for (const [at, serial] of ["A", "B", "C"].entries()) {
    board.dispatch(String(at + 1), { event: "scanned", serial });
    permission.ask(String(at + 1), serial);
  }
  return { board, permission, states: () => board.nests().map(({ state }) => state) };
}

it("a unit that came before the server had the last result of its nest is asked for again when it has, and no other is", async () => {
  refusals.set("A", "preflight.nest_busy").set("B", "preflight.unit_held");
  const { permission, states } = prepared();
  await expect.poll(states).toEqual(["refused", "refused", "ready"]);
  refusals.clear();
  permission.jobOver();
  await expect.poll(states).toEqual(["ready", "refused", "ready"]);
  expect(asked.toSorted()).toEqual(["A", "A", "B", "C"]);
});

it("a unit whose result of a time without the server waits here does not start on the word of a server that does not know it", async () => {
  const waiting = new Map<string, Code>([
    ["A", "preflight.already_passed"],
    ["B", "preflight.nest_busy"],
  ]);
  const { board, permission, states } = prepared((serial) => waiting.get(serial));
  await expect.poll(states).toEqual(["refused", "refused", "ready"]);
  const code = (name: string) => {
    const nest = board.nest(name);
    return nest?.state === "refused" ? nest.refusal.code : undefined;
  };
  expect([code("1"), code("2")]).toEqual(["preflight.already_passed", "preflight.nest_busy"]);
  // The server has the results: it knows that the first has passed, and that the second may be tried again.
  waiting.clear();
  refusals.set("A", "preflight.already_passed");
  permission.jobOver();
  await expect.poll(states).toEqual(["refused", "ready", "ready"]);
});
