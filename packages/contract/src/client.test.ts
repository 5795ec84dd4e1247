import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createClient, RefusedError } from "./client.ts";
import { normaliseSerial } from "./common.ts";
import { ENDPOINTS } from "./endpoints/index.ts";

const UNIT = "01890a5d-ac96-774b-bcce-b302099a8057";

function answering(status: number, text: string) {
  const calls: { url: string; method: string; body?: string | Uint8Array }[] = [];
  const client = createClient({
    baseUrl: "http://line-server:8370",
    fetch: (url, init) => {
      calls.push({
        url,
        method: init.method,
        ...(init.body === undefined ? {} : { body: init.body }),
      });
      return Promise.resolve({ status, text: () => Promise.resolve(text) });
    },
  });
  return { calls, client };
}

describe("the client", () => {
  it("builds path and query from the endpoint table", async () => {
    const { calls, client } = answering(200, "[]");
    await client("units", { query: { search: "MC2 004", limit: 5 } });
    expect(calls).toEqual([
      { url: "http://line-server:8370/v1/units?search=MC2%20004&limit=5", method: "GET" },
    ]);
  });

  it("sends exact bytes where bytes are given", async () => {
    const { calls, client } = answering(202, JSON.stringify({ late: true, jobState: "UNKNOWN" }));
    const bytes = Uint8Array.from([...'{ "b":1 }'], (char) => char.charCodeAt(0));
    const answer = await client("result", { params: { id: UNIT }, body: bytes });
    expect(calls[0]?.body).toEqual(bytes);
    expect(answer).toEqual({ status: 202, body: { late: true, jobState: "UNKNOWN" } });
  });

  it("brings a refusal with its code", async () => {
    const refusal = {
      code: "release.revoked",
      blame: "image",
      message: "2.8.1 was revoked.",
      action: "Call the lead.",
    };
    const { client } = answering(409, JSON.stringify(refusal));
    const call = client("promote", { params: { id: UNIT } });
    await expect(call).rejects.toBeInstanceOf(RefusedError);
    await expect(call).rejects.toMatchObject({ status: 409, refusal });
  });

  it("words a proxy's answer as unavailable", async () => {
    const { client } = answering(502, "<html>Bad gateway</html>");
    await expect(client("hosts", {})).rejects.toMatchObject({
      refusal: { code: "server.unavailable" },
    });
  });
});

describe("the endpoint table", () => {
  it("has one endpoint for each method and path", () => {
    const keys = Object.values(ENDPOINTS).map((endpoint) => `${endpoint.method} ${endpoint.path}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("changes state by no GET", () => {
    for (const endpoint of Object.values(ENDPOINTS)) {
      if (endpoint.method !== "GET") continue;
      // A browser is led to an identity provider and back, which OAuth does by GET.
      const told = Object.keys(endpoint.answers).filter((status) => !/^30[23]$/.test(status));
      expect(["200", "304"]).toEqual(expect.arrayContaining(told));
    }
  });
});

describe("serial numbers", () => {
  it("are normalised once and for all", () => {
    fc.assert(
      fc.property(fc.string(), (scanned) => {
        const once = normaliseSerial(scanned);
        expect(normaliseSerial(once)).toBe(once);
      }),
    );
    expect(normaliseSerial(" mc2 004817 ")).toBe("MC2-004817");
  });
});
