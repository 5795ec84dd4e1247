import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { StationSetup, type Way } from "@flashline/contract";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
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
const KEPT_MS = 300;

let server: Server;
let ordered: string[];
/** The server lets no unit start. */
let refuses: boolean;
/** Another version of the agent is about to run. */
let updating: boolean;
beforeEach(async () => {
  ordered = [];
  refuses = false;
  updating = false;
  server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on("end", () => {
      const { serial, nest, jobId } = JSON.parse(text);
      if (jobId !== undefined) ordered.push(`${serial} ${nest}`);
      const go = { go: true, serial, workOrder: "WO-1", product: "MC-2", version: "1.0.0" };
      const stop = { go: false, serial, code: "preflight.unit_held", blame: "operator" };
      const answer = refuses ? { ...stop, message: "", action: "" } : { ...go, dirty: false };
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(jobId === undefined ? answer : { jobId, state: "QUEUED" }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A station with two empty nests. Time is the test's. */
function stationIn(way: Way) {
  let now = 10_000;
  const board = createBoard(() => now);
  const { port } = server.address() as AddressInfo;
  const link = serverLink({ baseUrl: `http://127.0.0.1:${port}` });
  const people = peopleAt({
    link,
    setup: () => SETUP,
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
    grants: NO_GRANTS,
    labels: NO_LABELS,
    runGranted: () => undefined,
    board,
    link,
    log,
    permission,
    people,
    abilities: [],
    decisions: NO_DECISIONS,
    way,
    isUpdating: () => updating,
    setup: () => SETUP,
    cancelJob: () => undefined,
    now: () => now,
    scanKeptMs: KEPT_MS,
  });
  board.subscribe(() => queueMicrotask(() => operator.look()));
  board.applySetup(SETUP);
  const plug = (...ports: string[]): void => {
    // An empty port for long enough: the nests are armed.
    board.onUnits([]);
    now += 5000;
    board.tick();
    board.onUnits(ports.map(unitOn));
  };
  plug();
  return {
    board,
    operator,
    permission,
    plug,
    states: () =>
      board.nests().map((nest) => ("serial" in nest ? `${nest.state} ${nest.serial}` : nest.state)),
  };
}

describe.each(["scan-then-plug", "start-when-plugged"] as const)("%s", (way) => {
  it("keeps a scan for the unit that is plugged in next", async () => {
    const { board, operator, plug } = stationIn(way);
    operator.scan("MC2-1");
    expect(board.notice).toMatchObject({ key: "kept", serial: "MC2-1", nest: null });
    expect(operator.kept).toMatchObject({ serial: "MC2-1", nest: null });
    plug("1-2");
    await expect.poll(() => operator.kept).toBeNull();
    const nest = board.nest("2");
    expect([board.nest("1")?.state, nest && "serial" in nest && nest.serial]).toEqual([
      ...["empty", "MC2-1"],
    ]);
  });

  it("keeps it for the nest whose barcode was scanned before, and no other", async () => {
    const { operator, plug, states } = stationIn(way);
    operator.scan("FL-NEST-2");
    operator.scan("MC2-1");
    plug("1-1");
    await Promise.resolve();
    expect([states(), operator.kept?.nest]).toEqual([["present", "empty"], "2"]);
    plug("1-1", "1-2");
    await expect.poll(() => states()[1]).toContain("MC2-1");
    expect(states()[0]).toBe("present");
  });

  it("keeps one scan, and not for ever; CANCEL forgets it", async () => {
    const { board, operator, plug, states } = stationIn(way);
    operator.scan("MC2-1");
    operator.scan("MC2-2");
    expect(board.notice).toMatchObject({ key: "scan-refused", code: "scan.one_kept" });
    operator.scan("FL-CANCEL");
    expect(operator.kept).toBeNull();
    operator.scan("MC2-2");
    await new Promise((resolve) => setTimeout(resolve, KEPT_MS + 20));
    operator.look();
    expect(board.notice).toMatchObject({ key: "kept-over", serial: "MC2-2" });
    plug("1-1");
    await Promise.resolve();
    expect([operator.kept, states()]).toEqual([null, ["present", "empty"]]);
  });

  it("guesses nothing when two units come at once", async () => {
    const { board, operator, plug, states } = stationIn(way);
    operator.scan("MC2-1");
    plug("1-1", "1-2");
    await Promise.resolve();
    expect(board.notice).toMatchObject({ key: "scan-refused", code: "scan.several_units" });
    expect([operator.kept, states()]).toEqual([null, ["present", "present"]]);
  });

  it("gives a scan at once to a unit that waits already", () => {
    const { operator, plug, states } = stationIn(way);
    plug("1-1");
    operator.scan("MC2-1");
    expect([operator.kept, states()]).toEqual([null, ["checking MC2-1", "empty"]]);
  });
});

it("nobody presses START where units start when they are plugged in", async () => {
  const { operator, plug, states, board } = stationIn("start-when-plugged");
  operator.scan("MC2-1");
  plug("1-1");
  await expect.poll(() => ordered).toEqual(["MC2-1 1"]);
  expect(states()).toEqual(["starting MC2-1", "empty"]);
  // Once for a scan: what was ended needs hands again.
  const nest = board.nest("1");
  if (nest?.state !== "starting") throw new RangeError(`The nest is ${nest?.state}.`);
  const refusal = { code: "link.lost", detail: "", action: null };
  board.dispatch("1", { event: "stopped", jobId: nest.jobId, refusal });
  board.dispatch("1", { event: "allowed", serial: "MC2-1" });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([states()[0], ordered]).toEqual(["ready MC2-1", ["MC2-1 1"]]);
  operator.start();
  await expect.poll(() => ordered).toHaveLength(2);
});

it("a unit that may not start does not, until it may", async () => {
  const { operator, permission, plug, states } = stationIn("start-when-plugged");
  refuses = true;
  plug("1-1");
  operator.scan("MC2-1");
  await expect.poll(() => states()[0]).toBe("refused MC2-1");
  expect(ordered).toEqual([]);
  refuses = false;
  permission.askAgain();
  await expect.poll(() => ordered).toEqual(["MC2-1 1"]);
});

it.each(["single", "scan-then-plug", "nest-then-unit"] as const)(
  "%s: nothing starts by itself",
  async (way) => {
    const { operator, plug, states } = stationIn(way);
    plug("1-1");
    operator.scan("FL-NEST-1");
    operator.scan("MC2-1");
    await expect.poll(() => states()[0]).toBe("ready MC2-1");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(ordered).toEqual([]);
  },
);

it("each label needs its nest's barcode before it, where the plant wants that", () => {
  const { board, operator, plug, states } = stationIn("nest-then-unit");
  plug("1-1", "1-2");
  expect(operator.nextNest()).toBeUndefined();
  operator.scan("MC2-1");
  expect(board.notice).toMatchObject({ key: "scan-refused", code: "scan.nest_first" });
  operator.scan("FL-NEST-2");
  operator.scan("MC2-1");
  expect(states()).toEqual(["present", "checking MC2-1"]);
  operator.scan("MC2-2");
  expect(board.notice).toMatchObject({ code: "scan.nest_first" });
});

it("no scan is kept where units come first", () => {
  const { board, operator } = stationIn("single");
  operator.scan("MC2-1");
  expect([operator.kept, board.notice]).toMatchObject([null, { code: "nest.empty" }]);
});

it.each(["single", "start-when-plugged"] as const)(
  "%s: no unit starts while another version of the agent is about to run",
  async (way) => {
    const { board, operator, permission, plug, states } = stationIn(way);
    updating = true;
    plug("1-1");
    operator.scan("MC2-1");
    await expect.poll(() => states()[0]).toBe("ready MC2-1");
    operator.start();
    expect(board.nest("1")).toMatchObject({ refusal: { code: "agent.updating" } });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(ordered).toEqual([]);
    updating = false;
    permission.askAgain();
    await expect.poll(() => states()[0]).not.toContain("refused");
    operator.start();
    await expect.poll(() => ordered).toEqual(["MC2-1 1"]);
  },
);
