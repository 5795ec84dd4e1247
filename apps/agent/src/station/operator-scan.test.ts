import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { StationSetup } from "@flashline/contract";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { NO_LABELS } from "../labels/testing.ts";
import { peopleAt } from "../people/testing.ts";
import { serverLink } from "../server/link.ts";
import { createBoard } from "./board.ts";
import { createOperator } from "./operator.ts";
import { createPermission } from "./permission.ts";
import { NO_DECISIONS, NO_GRANTS, unitOn } from "./testing.ts";

const log = pino({ level: "silent" });
const SETUP = StationSetup.parse({
  stationId: "019f0000-0000-7000-8000-000000000001",
  station: "L3-07",
  line: "3",
  plant: "Plant",
  timeZone: "UTC",
  nests: ["1", "2"].map((name) => ({ name, portPath: `1-${name}`, enabled: true })),
  workOrder: {
    number: "WO-1",
    product: "MC-2",
    productTitle: "",
    serialPattern: "MC2-\\d+",
    version: "1.0.0",
    manifestSha256: "0".repeat(64),
    quantity: 9,
    passed: 0,
  },
});
/** Serials that the server knows to be of another product. */
const OTHER_PRODUCT = "XY-1";

const ANNA = { id: "019f0000-0000-7000-8000-000000000002", name: "anna", role: "operator" };

let server: Server;
let ordered: string[];
/** Who was named with each question and order. */
let named: unknown[];
beforeEach(async () => {
  ordered = [];
  named = [];
  server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on("end", () => {
      const { serial, nest, jobId, operator, content } = JSON.parse(text);
      if (content !== undefined) {
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify(ANNA));
        return;
      }
      named.push(operator);
      if (jobId !== undefined) ordered.push(nest);
      const refused = { go: false, serial, blame: "operator", message: "", action: "" };
      const code = serial === OTHER_PRODUCT ? "preflight.wrong_product" : "preflight.nest_busy";
      const go = { go: true, serial, workOrder: "WO-1", product: "MC-2", version: "1.0.0" };
      const allowed = { ...go, dirty: false };
      const answer = serial.startsWith("MC2-") ? allowed : { ...refused, code };
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(jobId === undefined ? answer : { jobId, state: "QUEUED" }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

/** An operator at two nests with a unit in each. */
function prepared(setup = SETUP) {
  const board = createBoard(() => 10_000);
  const { port } = server.address() as AddressInfo;
  const link = serverLink({ baseUrl: `http://127.0.0.1:${port}` });
  const people = peopleAt({
    link,
    setup: () => setup,
    notify: (message) => board.notify(message),
    onChange: () => permission.askAgain(),
  });
  const permission = createPermission({
    grants: NO_GRANTS,
    board,
    link,
    log,
    abilities: [],
    worker: () => people.worker,
  });
  const operator = createOperator({
    way: "single",
    scanKeptMs: 0,
    labels: NO_LABELS,
    grants: NO_GRANTS,
    runGranted: () => undefined,
    abilities: [],
    board,
    link,
    log,
    people,
    permission,
    now: () => 10_000,
    setup: () => setup,
    cancelJob: () => undefined,
    decisions: NO_DECISIONS,
  });
  board.applySetup(setup);
  board.onUnits([unitOn("1-1"), unitOn("1-2")]);
  const states = () => board.nests().map(({ state }) => state);
  const untilStates = (...wanted: string[]) => expect.poll(states, { interval: 5 }).toEqual(wanted);
  return { board, operator, untilStates };
}

it("starts the nest that was scanned before START alone, and all of them without one", async () => {
  const { board, operator, untilStates } = prepared();
  operator.scan("MC2-1");
  operator.scan("MC2-2");
  await untilStates("ready", "ready");
  operator.scan("FL-NEST-2");
  expect(board.notice).toMatchObject({ key: "selected", nest: "2" });
  operator.scan("FL-START");
  await untilStates("ready", "starting");
  operator.scan("FL-NEST-2");
  operator.scan("FL-START");
  expect(board.notice).toMatchObject({ key: "nothing-to-start", nest: "2" });
  operator.scan("FL-START");
  await untilStates("starting", "starting");
  // Two requests, on connections of their own.
  await expect.poll(() => ordered.toSorted()).toEqual(["1", "2"]);
});

it("cancels the nest that was scanned before CANCEL alone, also when its job is on its way", async () => {
  const { operator, untilStates } = prepared();
  operator.scan("MC2-1");
  operator.scan("MC2-2");
  await untilStates("ready", "ready");
  operator.start();
  await untilStates("starting", "starting");
  operator.scan("FL-NEST-1");
  operator.scan("FL-CANCEL");
  await untilStates("present", "starting");
});

it("takes a label read twice for one scan, but not once something was done in between", async () => {
  const { board, operator, untilStates } = prepared();
  operator.scan("MC2-1");
  operator.scan("MC2-1");
  expect(board.notice).toMatchObject({ key: "repeated", serial: "MC2-1" });
  await untilStates("ready", "present");
  operator.scan("FL-CANCEL");
  await untilStates("present", "present");
  operator.scan("MC2-1");
  expect(board.notice).toMatchObject({ key: "assigned", nest: "1" });
  await untilStates("ready", "present");

  operator.start();
  const refusal = { code: "link.lost", detail: "", action: null };
  board.dispatch("1", { event: "restored", serial: "MC2-1", refusal });
  operator.scan("MC2-1");
  expect(board.notice).toMatchObject({ key: "assigned", nest: "1" });
  operator.acknowledge();
  operator.scan("MC2-1");
  expect(board.notice).not.toMatchObject({ key: "repeated" });
});

it("acknowledges by a barcode: the nest that was scanned before, or the first that waits for it", () => {
  const { board, operator } = prepared();
  const refusal = { code: "link.lost", detail: "", action: null };
  for (const nest of ["1", "2"]) {
    board.dispatch(nest, { event: "restored", serial: `MC2-${nest}`, refusal });
  }
  operator.scan("FL-NEST-2");
  operator.scan("FL-OK");
  expect(board.notice).toMatchObject({ key: "acknowledged", nest: "2" });
  expect(board.nests().map(({ state }) => state)).toEqual(["fail", "present"]);
  operator.scan("FL-OK");
  expect(board.notice).toMatchObject({ key: "acknowledged", nest: "1" });
  operator.scan("FL-OK");
  expect(board.notice).toMatchObject({ key: "nothing-to-acknowledge" });
});

it("keeps a scanned nest for its serial while another one is started or acknowledged", async () => {
  const { board, operator, untilStates } = prepared();
  operator.scan("FL-NEST-2");
  operator.acknowledge("1");
  operator.start("1");
  operator.scan("MC2-2");
  expect(board.notice).toMatchObject({ key: "assigned", nest: "2" });
  await untilStates("present", "ready");
});

it("says what a foreign label is, by the server's word where it has one", async () => {
  const { board, operator, untilStates } = prepared();
  const refusedWith = (code: string, scanned: string) =>
    expect.poll(() => board.notice, { interval: 5 }).toMatchObject({ code, scanned });
  // The first answer makes the link a connected one.
  operator.scan("MC2-1");
  await untilStates("ready", "present");
  operator.scan(OTHER_PRODUCT);
  await refusedWith("preflight.wrong_product", OTHER_PRODUCT);
  operator.scan("PALLET-7");
  await refusedWith("scan.other_label", "PALLET-7");
  operator.scan("4006381333931");
  await refusedWith("scan.ean", "4006381333931");
  await untilStates("ready", "present");
});

it("starts nothing without a badge where one is wanted, and by itself shows what may start once somebody is there", async () => {
  const rules = { badgePrefix: "P-", required: true, idleMinutes: 0, shiftEnd: true, shifts: [] };
  const { board, operator, untilStates } = prepared({ ...SETUP, operators: rules });
  operator.scan("MC2-1");
  await untilStates("ready", "present");
  operator.scan("FL-START");
  await untilStates("refused", "present");
  expect(board.nest("1")).toMatchObject({ refusal: { code: "operator.missing" } });
  expect(board.notice).toMatchObject({ key: "badge-refused", code: "operator.missing" });
  operator.scan("p-0815-4711");
  await untilStates("ready", "present");
  expect(board.notice).toMatchObject({ key: "logged-in", name: "anna" });
  operator.scan("FL-START");
  await untilStates("starting", "present");
  expect(board.nest("1")).toMatchObject({ operator: { id: ANNA.id } });
  await expect.poll(() => ordered).toEqual(["1"]);
  expect(named).toEqual([null, ANNA.id, ANNA.id]);
  operator.scan("FL-LOGOUT");
  expect(board.notice).toMatchObject({ key: "logged-out", why: "asked" });
});
