import { createServer, type Server } from "node:http";
import type { LeadCall } from "@flashline/contract";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { serverLink } from "../server/link.ts";
import { createLeadCalls, type LeadCalls } from "./lead-call.ts";

const CALL: LeadCall = {
  id: "019f0000-0000-7000-8000-000000000001",
  nest: null,
  calledAt: "2026-11-30T14:00:00.000Z",
  takenBy: null,
  takenAt: null,
  overdue: false,
  answerS: 0,
  endedAt: null,
};

let server: Server;
let calls: LeadCalls;

beforeEach(async () => {
  server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(CALL));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  calls = createLeadCalls({
    link: serverLink({ baseUrl: `http://127.0.0.1:${port}` }),
    log: pino({ level: "silent" }),
    nests: () => [],
    onChange: () => undefined,
  });
});
afterEach(async () => {
  calls.close();
  await new Promise((resolve) => server.close(resolve));
});

const state = () => expect.poll(() => calls.view?.state);

it("shows a call also where the server was asked before it, and answers after it", async () => {
  const heard = calls.asking();
  calls.call();
  await state().toBe("called");
  heard([]);
  expect(calls.view?.state).toBe("called");
  // What it is asked after that is as it is.
  calls.asking()([]);
  expect(calls.view).toBeNull();
});

it("shows no call that was ended while the server was asked", async () => {
  calls.asking()([CALL]);
  expect(calls.view?.state).toBe("called");
  const heard = calls.asking();
  calls.end();
  await state().toBeUndefined();
  heard([CALL]);
  expect(calls.view).toBeNull();
  calls.asking()([CALL]);
  expect(calls.view?.state).toBe("called");
});

it("shows who comes as the server said last", async () => {
  calls.call();
  await state().toBe("called");
  calls.asking()([{ ...CALL, takenBy: "Lea", takenAt: "2026-11-30T14:01:00.000Z" }]);
  expect(calls.view).toMatchObject({ state: "taken", by: "Lea" });
});
