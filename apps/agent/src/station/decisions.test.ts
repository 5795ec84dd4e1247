import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { NO_LABELS } from "../labels/testing.ts";
import { peopleAt } from "../people/testing.ts";
import { serverLink } from "../server/link.ts";
import { createBoard } from "./board.ts";
import { createDecisions, type Decisions } from "./decisions.ts";
import { createOperator } from "./operator.ts";
import { createPermission } from "./permission.ts";
import { NO_GRANTS, ORDER_HERE, setupOf, unitOn } from "./testing.ts";

const ID = (n: number) => `019f0000-0000-7000-8000-00000000000${n}`;
const log = pino({ level: "silent" });
const BADGES: Readonly<Record<string, object>> = {
  "MIA-0001": { id: ID(1), name: "mia", role: "operator-lead" },
  "OLAF-0001": { id: ID(2), name: "olaf", role: "operator" },
};
const REFUSED = { code: "x", blame: "operator", message: "no", action: "Scan again." };

let server: Server;
/** Why the server refuses the unit; null: it may start. */
let refused: string | null;
/** What the server says to an override; null: nothing at all. */
let overrideCode: string | null | undefined;
let overrides: object[];

beforeEach(async () => {
  refused = "preflight.retest_limit";
  overrideCode = undefined;
  overrides = [];
  server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on("end", () => {
      const answer = (status: number, body: object) => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(body));
      };
      const body = JSON.parse(text);
      switch (request.url) {
        case "/v1/agent/badges/present": {
          const holder = BADGES[body.content];
          return holder ? answer(200, holder) : answer(404, { ...REFUSED, code: "badge.unknown" });
        }
        case "/v1/agent/overrides":
          overrides.push(body);
          if (overrideCode === null) return request.socket.destroy();
          if (overrideCode) return answer(403, { ...REFUSED, code: overrideCode });
          refused = null;
          return answer(201, { name: "mia" });
        default:
          return answer(
            200,
            refused === null
              ? {
                  go: true,
                  serial: body.serial,
                  workOrder: "WO-1",
                  product: "mc2",
                  version: "1.0.0",
                  dirty: false,
                }
              : { ...REFUSED, go: false, serial: body.serial, code: refused },
          );
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const SETUP = setupOf({
  nests: [{ name: "1", portPath: "1-1", enabled: true }],
  workOrder: ORDER_HERE,
  operators: {
    badgePrefix: "B-",
    required: false,
    idleMinutes: 0,
    shiftEnd: false,
    shifts: [],
  },
});

const abilities = ["application-serial"] as const;

/** A station whose nest 1 holds a refused unit. */
async function prepared() {
  const { port } = server.address() as AddressInfo;
  const link = serverLink({ baseUrl: `http://127.0.0.1:${port}` });
  const board = createBoard(() => performance.now());
  const notify = board.notify.bind(board);
  const decisions: Decisions = createDecisions({
    board,
    link,
    log,
    notify,
    abilities,
    worker: () => people.worker,
    askAgain: (nest, serial) => permission.ask(nest, serial),
    onChange: () => board.touch(),
  });
  const people = peopleAt({
    link,
    notify,
    setup: () => SETUP,
    decides: (holder, content) => decisions.takes(holder, content),
  });
  const permission = createPermission({
    grants: NO_GRANTS,
    board,
    link,
    log,
    abilities,
    worker: () => people.worker,
  });
  const operator = createOperator({
    way: "single",
    scanKeptMs: 0,
    grants: NO_GRANTS,
    runGranted: () => undefined,
    board,
    link,
    log,
    people,
    permission,
    decisions,
    abilities,
    labels: NO_LABELS,
    setup: () => SETUP,
    cancelJob: () => undefined,
    now: () => performance.now(),
  });
  board.applySetup(SETUP);
  board.onUnits([unitOn("1-1")]);
  operator.scan("MC2-1");
  const becomes = (state: string) => expect.poll(() => board.nest("1")?.state).toBe(state);
  await becomes("refused");
  const asked = () => expect.poll(() => decisions.view?.name ?? null);
  return { board, decisions, people, operator, becomes, asked };
}

it("a lead's badge at a unit that failed too often asks why, and lets it go on with the reason", async () => {
  const { board, decisions, people, operator, becomes, asked } = await prepared();
  operator.scan("B-MIA-0001");
  await asked().toBe("mia");
  expect(decisions.view).toEqual({
    nest: "1",
    serial: "MC2-1",
    code: "preflight.retest_limit",
    name: "mia",
    ownWords: false,
  });
  expect(people.worker).toBeNull();
  decisions.decide("repaired");
  await becomes("ready");
  expect(decisions.view).toBeNull();
  expect(overrides).toEqual([
    {
      serial: "MC2-1",
      nest: "1",
      operator: null,
      code: "preflight.retest_limit",
      badge: "MIA-0001",
      reason: "Repaired",
      abilities: ["application-serial"],
    },
  ]);
  expect(board.notice).toMatchObject({ key: "let-through", name: "mia", nest: "1" });
});

it("is answered by a barcode, and in words that are typed or scanned", async () => {
  const { board, operator, becomes, asked } = await prepared();
  operator.scan("FL-WHY-REPAIRED");
  expect(board.notice).toMatchObject({ key: "scan-refused", code: "scan.command_unknown" });
  operator.scan("B-MIA-0001");
  await asked().toBe("mia");
  // Why a label is printed again is no answer to this.
  operator.scan("FL-WHY-DAMAGED");
  expect(board.notice).toMatchObject({ key: "scan-refused", code: "scan.command_unknown" });
  operator.scan("fl-why-reseated");
  await becomes("ready");
  refused = "preflight.retest_limit";
  const other = await prepared();
  other.operator.scan("B-MIA-0001");
  await other.asked().toBe("mia");
  other.operator.scan("FL-WHY-OTHER");
  expect(other.decisions.view?.ownWords).toBe(true);
  other.operator.scan(" Pin 4 of the nest straightened ");
  await other.becomes("ready");
  expect(overrides).toMatchObject([
    { reason: "Cleaned and put in again" },
    { reason: "Pin 4 of the nest straightened" },
  ]);
});

it("no label, badge or command becomes a reason in words", async () => {
  const { board, operator, decisions, people, asked } = await prepared();
  operator.scan("B-MIA-0001");
  await asked().toBe("mia");
  decisions.decide("other");
  // The unit's own, an article number, the next unit's, and fewer than three characters.
  for (const no of ["mc2-1", "4006381333931", "MC2-77", "ab"]) {
    operator.scan(no);
    expect(board.notice).toMatchObject({ key: "scan-refused", code: "scan.no_reason" });
    expect(decisions.view?.ownWords).toBe(true);
  }
  operator.scan("B-OLAF-0001");
  await expect.poll(() => people.worker?.name).toBe("olaf");
  operator.scan("FL-CANCEL");
  expect(decisions.view).toBeNull();
  expect(overrides).toEqual([]);
});

it("is not asked of an operator, nor about what no badge decides", async () => {
  const { people, operator, decisions } = await prepared();
  operator.scan("B-OLAF-0001");
  await expect.poll(() => people.worker?.name).toBe("olaf");
  expect(decisions.view).toBeNull();
  refused = "preflight.already_passed";
  const other = await prepared();
  other.operator.scan("B-MIA-0001");
  await expect.poll(() => other.people.worker?.name).toBe("mia");
  expect(other.decisions.view).toBeNull();
});

it("the same badge once more is who works here, and CANCEL decides nothing", async () => {
  const { people, operator, decisions, asked, board } = await prepared();
  operator.scan("B-MIA-0001");
  await asked().toBe("mia");
  operator.scan("FL-CANCEL");
  expect(decisions.view).toBeNull();
  expect(board.nest("1")?.state).toBe("refused");
  operator.scan("B-MIA-0001");
  await asked().toBe("mia");
  operator.scan("B-MIA-0001");
  await expect.poll(() => people.worker?.name).toBe("mia");
  expect(decisions.view).toBeNull();
  expect(overrides).toEqual([]);
});

it("ends when the unit is taken out", async () => {
  const { board, operator, decisions, asked } = await prepared();
  operator.scan("B-MIA-0001");
  await asked().toBe("mia");
  board.onUnits([]);
  expect(decisions.view).toBeNull();
  decisions.decide("checked");
  expect(overrides).toEqual([]);
});

it("says why the server did not let the unit go on, and that the server is away", async () => {
  const { board, operator, decisions, asked } = await prepared();
  const told = () => expect.poll(() => ("code" in board.notice ? board.notice.code : null));
  for (const [says, shown] of [
    ["override.not_allowed", "override.not_allowed"],
    [null, "server.unavailable"],
  ] as const) {
    overrideCode = says;
    operator.scan("B-MIA-0001");
    await asked().toBe("mia");
    decisions.decide("checked");
    await told().toBe(shown);
    expect(board.nest("1")?.state).toBe("refused");
  }
});
