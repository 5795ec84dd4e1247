import { createServer, type Server } from "node:http";
import { RefusedError } from "@flashline/contract";
import { afterEach, expect, it } from "vitest";
import { serverLink } from "../server/link.ts";
import { acknowledgedStart } from "./start.ts";

const JOB = "019f0000-0000-7000-8000-000000000001";
const ATTEMPT = "019f0000-0000-7000-8000-000000000002";
const body = {
  epoch: 1,
  attemptId: ATTEMPT,
  virtual: true,
  host: {
    machine: "m",
    controller: { pciAddress: "p", vendorDevice: "1:2", driver: "d", kind: "virtual" },
    hubs: [],
    portPath: "1-1",
    speed: "full",
    os: "Linux",
  },
};

let server: Server;
afterEach(() => new Promise((resolve) => server.close(resolve)));

interface Answer {
  readonly status: number;
  readonly code?: string;
  /** Instead of JSON. */
  readonly page?: string;
}

/** A server that answers one start after the other with these; counts them. */
async function starting(answers: readonly Answer[], leaseMs = 60_000) {
  let asked = 0;
  server = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      const answer: Answer = answers[Math.min(asked, answers.length - 1)] ?? { status: 500 };
      const { status, code, page } = answer;
      asked += 1;
      if (status === 0) return request.socket.destroy();
      response.writeHead(status, { "content-type": "application/json" });
      const refused = { code, blame: "system", message: "no", action: "Wait." };
      if (page !== undefined) return response.end(page);
      return response.end(JSON.stringify(code === undefined ? { leaseMs: 60_000 } : refused));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const link = serverLink({ baseUrl: `http://127.0.0.1:${port}` });
  const started = acknowledgedStart(link, JOB, body, leaseMs, new AbortController().signal);
  return { started, asked: () => asked };
}

it("asks again after every answer that says nothing about the start", async () => {
  const { started, asked } = await starting([
    { status: 500, code: "server.internal" },
    { status: 0 },
    { status: 429, code: "request.rate_limited" },
    { status: 200 },
  ]);
  expect(await started).toEqual({ leaseMs: 60_000 });
  expect(asked()).toBe(4);
});

it.each([
  ["a request that was damaged", { status: 400, code: "request.garbled" }],
  ["a request that came in too slowly", { status: 408, code: "request.timeout" }],
  ["a request that went astray", { status: 404, code: "request.not_found" }],
  ["a proxy's refusal", { status: 403, page: "<html>no</html>" }],
  ["a proxy's page", { status: 200, page: "<html>Welcome, guest</html>" }],
])("asks again after %s", async (_what, answer) => {
  const { started, asked } = await starting([answer, { status: 200 }]);
  expect(await started).toEqual({ leaseMs: 60_000 });
  expect(asked()).toBe(2);
});

it("takes a refusal of the start itself at once, and gives up when the lease has run out", async () => {
  const refused = await starting([{ status: 409, code: "job.state" }]);
  await expect(refused.started).rejects.toMatchObject({ status: 409 });
  expect(refused.asked()).toBe(1);
  await new Promise((resolve) => server.close(resolve));

  const failing = await starting([{ status: 500, code: "server.internal" }], 2_000);
  await expect(failing.started).rejects.toBeInstanceOf(RefusedError);
  // At 0, 0.25, 0.75 and 1.75 s; where the machine has more to do, less often.
  expect(failing.asked()).toBeGreaterThan(1);
  expect(failing.asked()).toBeLessThanOrEqual(4);
});
