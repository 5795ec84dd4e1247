import { createServer, type Server } from "node:http";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { NO_LABELS } from "../labels/testing.ts";
import { peopleAt } from "../people/testing.ts";
import { serverLink } from "../server/link.ts";
import { type Board, createBoard } from "./board.ts";
import { createOperator } from "./operator.ts";
import { createPermission } from "./permission.ts";
import { NO_DECISIONS, NO_GRANTS, unitOn } from "./testing.ts";

const STATION = "019f0000-0000-7000-8000-000000000001";
const log = pino({ level: "silent" });

let server: Server;
let ordered: string[];
/** What becomes of an order. */
let state: string;
let mayStart: object;
let board: Board;

const ABILITIES = ["application-serial"] as const;
/** Which abilities were told where. */
let told: string[];

beforeEach(async () => {
  ordered = [];
  told = [];
  state = "QUEUED";
  mayStart = {
    go: true,
    serial: "MC2-000001",
    workOrder: "WO-1",
    product: "mc2",
    version: "1.0.0",
    dirty: false,
  };
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      response.writeHead(200, { "content-type": "application/json" });
      told.push(`${request.url} ${JSON.parse(body).abilities}`);
      if (request.url === "/v1/agent/preflight") return response.end(JSON.stringify(mayStart));
      const { jobId } = JSON.parse(body);
      ordered.push(jobId);
      return response.end(JSON.stringify({ jobId, state }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

/** An operator whose nest 1 has its unit scanned and ready. */
async function prepared() {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const link = serverLink({ baseUrl: `http://127.0.0.1:${port}` });
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
  const permission = createPermission({
    grants: NO_GRANTS,
    board,
    link,
    log,
    abilities: ABILITIES,
    worker: () => people.worker,
  });
  const operator = createOperator({
    way: "single",
    scanKeptMs: 0,
    labels: NO_LABELS,
    grants: NO_GRANTS,
    runGranted: () => undefined,
    abilities: ABILITIES,
    board,
    link,
    log,
    people,
    permission,
    setup: () => undefined,
    decisions: NO_DECISIONS,
    cancelJob: () => undefined,
    now: () => performance.now(),
  });
  board.dispatch("1", { event: "scanned", serial: "MC2-000001" });
  permission.ask("1", "MC2-000001");
  await becomes("ready");
  return operator;
}

const becomes = (wanted: string) => expect.poll(() => board.nest("1")?.state).toBe(wanted);

it("an order that the server called off is refused with the server's reason, and not waited for", async () => {
  const operator = await prepared();
  operator.start();
  await expect.poll(() => ordered.length).toBe(1);
  operator.askForOrders();
  await expect.poll(() => ordered.length).toBe(2);
  expect(board.nest("1")?.state).toBe("starting");
  state = "CANCELLED";
  mayStart = {
    go: false,
    code: "preflight.unit_held",
    serial: "MC2-000001",
    blame: "unit",
    message: "The unit is held.",
    action: "Call the lead.",
  };
  operator.askForOrders();
  await becomes("refused");
  await expect
    .poll(() => {
      const nest = board.nest("1");
      return nest?.state === "refused" ? nest.refusal.code : undefined;
    })
    .toBe("preflight.unit_held");
  expect(new Set(ordered).size).toBe(1);
});

it("says with each scan and each order what the station can do for a release", async () => {
  const operator = await prepared();
  operator.start();
  await expect.poll(() => ordered.length).toBe(1);
  expect(told).toEqual([
    "/v1/agent/preflight application-serial",
    "/v1/agent/jobs application-serial",
  ]);
});

it("an order that was called off and may be given again is ready for START", async () => {
  const operator = await prepared();
  operator.start();
  await expect.poll(() => ordered.length).toBe(1);
  state = "CANCELLED";
  operator.askForOrders();
  await becomes("ready");
});
