import { gunzipSync } from "node:zlib";
import { ENDPOINTS, Timestamp } from "@flashline/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { peopleOn } from "../people/feature.ts";
import { BY } from "../testing/events.ts";
import { refusal } from "../testing/refusal.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";
import { SESSION_COOKIE } from "./session-cookie.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

test("says that it lives and that it is ready", async () => {
  expect((await server.app.inject("/healthz")).json()).toEqual({ status: "ok" });
  const ready = await server.app.inject("/readyz");
  expect(ready.statusCode).toBe(200);
  expect(ready.json()).toMatchObject({ status: "ready", database: "ok", queue: { state: "ok" } });
});

test("refuses nobody, the wrong kind of caller, a wrong role and a wrong scope", async () => {
  const order = { body: { number: "WO-9", product: "PSU-40", version: "1.0.0", quantity: 1 } };
  const product = { body: { name: "X", chip: "STM32F407" } };
  expect(await refusal(server.client()("session", {}))).toBe("401 auth.required");
  expect(await refusal(server.station()("session", {}))).toBe("403 auth.forbidden");
  const engineer = await server.person("engineer");
  expect(await refusal(engineer("setup", {}))).toBe("403 auth.forbidden");
  expect(await refusal((await server.person("firmware"))("addWorkOrder", order))).toBe(
    "403 auth.forbidden",
  );
  expect(await refusal((await server.token("releases:publish"))("addProduct", product))).toBe(
    "403 auth.forbidden",
  );
});

test("every endpoint of the table that is not public refuses nobody with 401", async () => {
  const id = "01a20374-f59e-75d7-857a-6e9a0df5e633";
  const closed = Object.values(ENDPOINTS).filter(({ access }) => access.kind !== "public");
  const answers = await Promise.all(
    closed.map(async ({ method, path }) => {
      const url = path.replace(":id", id).replace(":sha256", "0".repeat(64));
      const answer = await server.app.inject({ method, url });
      return `${method} ${path} ${answer.statusCode}`;
    }),
  );
  expect(closed.length).toBeGreaterThan(25);
  expect(answers.filter((answer) => !answer.endsWith(" 401"))).toEqual([]);
});

test("names what is wrong with a request", async () => {
  const admin = await server.person("admin");
  const wrong = admin("addProduct", { body: { name: "", chip: "STM32F407" } });
  await expect(wrong).rejects.toMatchObject({
    status: 400,
    refusal: { code: "request.invalid", details: [{ path: expect.stringContaining("name") }] },
  });
  expect(await refusal(admin("units", { query: { limit: 100_000 } }))).toBe("400 request.invalid");
});

test("knows no unit under an id that is none, as under one that nobody has", async () => {
  const admin = await server.person("admin");
  const nobodys = "01a20374-f59e-75d7-857a-6e9a0df5e633";
  for (const id of ["MC2-000001", "%00", "0", nobodys]) {
    await expect(admin("unit", { params: { id } })).rejects.toMatchObject({
      status: 404,
      refusal: { code: "request.not_found", message: "There is nothing under this address." },
    });
  }
  const { body } = await admin("units", { query: { search: "MC2-000001" } });
  expect(body).toEqual([]);
});

test("answers broken JSON, a body that is too large, another type and an unknown address with a code", async () => {
  const send = async (payload: string | Buffer, type: string) => {
    const answer = await server.app.inject({
      method: "POST",
      url: "/v1/agent/enrol",
      headers: { "content-type": type },
      payload,
    });
    return `${answer.statusCode} ${answer.json<{ code: string }>().code}`;
  };
  expect(await send("{", "application/json")).toBe("400 request.invalid");
  expect(await send('{"__proto__": {"admin": true}}', "application/json")).toBe(
    "400 request.invalid",
  );
  expect(await send("a".repeat(5_000_000), "application/json")).toBe("413 request.too_large");
  expect(await send("token=1", "application/x-www-form-urlencoded")).toBe("400 request.invalid");
  const lost = await server.app.inject("/v1/nothing");
  expect(lost.statusCode).toBe(404);
  expect(lost.json()).toMatchObject({ code: "request.not_found", action: expect.any(String) });
});

test("tells nothing of its own failures but the request's id", async () => {
  const other = await startTestServer({ idle: true });
  await other.platform.db.sql.execute("ALTER TABLE product RENAME TO product_gone");
  const admin = await other.person("admin");
  await expect(admin("products", {})).rejects.toMatchObject({
    status: 500,
    refusal: { code: "server.internal", requestId: expect.any(String) },
  });
  const text = await admin("products", {}).catch((error: { refusal: unknown }) =>
    JSON.stringify(error.refusal),
  );
  expect(text).not.toMatch(/product|prisma|relation/i);
  await other.close();
});

test("refuses agents whose protocol it does not speak, before their credential", async () => {
  const ask = (protocol: string) => server.client({ "flashline-protocol": protocol })("setup", {});
  expect(await refusal(ask("2"))).toBe("426 protocol.unsupported");
  expect(await refusal(ask("0"))).toBe("426 protocol.unsupported");
  expect(await refusal(ask("one"))).toBe("426 protocol.unsupported");
  expect(await refusal(ask("1"))).toBe("401 auth.required");
  const { credential } = server.seed.station;
  const silent = await server.client({ authorization: `Bearer ${credential}` })("setup", {});
  expect(silent.status).toBe(200);
});

test("lets no other site act with a person's cookie", async () => {
  const cookie = await logInAs(server, "origin-tester");
  const call = (origin?: string) =>
    server.client({ cookie, ...(origin === undefined ? {} : { origin }) })("addPlant", {
      body: { name: "Linz", timeZone: "Europe/Vienna" },
    });
  expect(await refusal(call("http://elsewhere.test"))).toBe("403 auth.forbidden");
  expect(await refusal(call())).toBe("403 auth.forbidden");
  expect((await call("http://flashline.test")).status).toBe(201);
  expect(
    (await server.client({ cookie, origin: "http://elsewhere.test" })("session", {})).status,
  ).toBe(200);
});

async function logInAs(on: TestServer, name: string): Promise<string> {
  await peopleOn(on.platform.db).save(name, "admin", "a long enough one", BY);
  const answer = await on.app.inject({
    method: "POST",
    url: "/v1/session",
    payload: { name, password: "a long enough one" },
  });
  const [cookie] = answer.cookies;
  expect(cookie).toMatchObject({ name: SESSION_COOKIE, httpOnly: true, sameSite: "Strict" });
  return `${SESSION_COOKIE}=${cookie?.value}`;
}

test("describes every endpoint in OpenAPI, with what it takes and answers", async () => {
  const document = (await server.app.inject("/openapi.json")).json<{
    openapi: string;
    paths: Record<string, Record<string, { operationId: string }>>;
  }>();
  expect(document.openapi).toBe("3.1.0");
  const described = Object.values(document.paths)
    .flatMap((path) => Object.values(path))
    .map(({ operationId }) => operationId);
  expect(described.toSorted()).toEqual(Object.keys(ENDPOINTS).toSorted());
  expect(document.paths["/v1/agent/jobs/{id}/start"]).toMatchObject({
    post: {
      requestBody: {
        content: {
          "application/json": { schema: { required: ["epoch", "attemptId", "host", "virtual"] } },
        },
      },
    },
  });
});

test("shows a page under the dashboard's addresses, and under others that there is none", async () => {
  for (const url of ["/", "/units/1", "/hosts?x=1"]) {
    const answer = await server.app.inject(url);
    expect([answer.statusCode, answer.headers["content-type"]]).toEqual([
      200,
      "text/html; charset=utf-8",
    ]);
    expect(answer.headers["content-security-policy"]).toContain("default-src 'self'");
  }
  const browser = { accept: "text/html,application/xhtml+xml" };
  const lost = await server.app.inject({ url: "/nowhere", headers: browser });
  expect([lost.statusCode, lost.headers["content-type"]]).toEqual([
    404,
    "text/html; charset=utf-8",
  ]);
  for (const url of ["/nowhere", "/v1", "/units/1/2"]) {
    const answer = await server.app.inject(url);
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([
      404,
      "request.not_found",
    ]);
  }
  expect((await server.app.inject({ url: "/missing.js", headers: browser })).statusCode).toBe(404);
  expect((await server.app.inject({ method: "POST", url: "/units/1" })).statusCode).toBe(404);
});

test("compresses long answers for people who take it, and none for stations", async () => {
  const zipped = { "accept-encoding": "gzip" };
  const long = await server.app.inject({ url: "/openapi.json", headers: zipped });
  expect(long.headers["content-encoding"]).toBe("gzip");
  expect(JSON.parse(gunzipSync(long.rawPayload).toString())).toMatchObject({ openapi: "3.1.0" });
  expect((await server.app.inject("/openapi.json")).headers["content-encoding"]).toBeUndefined();
  const { credential } = server.seed.station;
  const headers = { ...zipped, authorization: `Bearer ${credential}` };
  const setup = await server.app.inject({ method: "GET", url: "/v1/agent/setup", headers });
  expect([setup.statusCode, setup.headers["content-encoding"]]).toEqual([200, undefined]);
});

test("the API's pages come under the server's own policy", async () => {
  const page = await server.app.inject("/docs/");
  expect(page.statusCode).toBe(200);
  const policy = String(page.headers["content-security-policy"]);
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain("upgrade-insecure-requests");
});

test("refuses query parameters that it does not know, on every endpoint but the one that other servers lead to", async () => {
  const id = "01a20374-f59e-75d7-857a-6e9a0df5e633";
  const cookie = await logInAs(server, "query-tester");
  const asked = Object.values(ENDPOINTS).filter(
    ({ method, access }) => method === "GET" && access.kind !== "station",
  );
  const answers = await Promise.all(
    asked.map(async ({ method, path }) => {
      const url = `${path.replace(":id", id).replace(":sha256", "0".repeat(64))}?limmit=5`;
      const headers = { cookie };
      return `${path} ${(await server.app.inject({ method, url, headers })).statusCode}`;
    }),
  );
  expect(answers.length).toBeGreaterThan(10);
  const { path } = ENDPOINTS.finishProviderLogin;
  expect(answers.filter((answer) => !answer.endsWith(" 400"))).toEqual([`${path} 404`]);
});

test("refuses JSON that is too deep, text that no database holds and times beyond its range", async () => {
  const admin = await server.tokenSecret("stations:write", "read");
  const send = async (url: string, payload: string) => {
    const headers = { authorization: `Bearer ${admin}`, "content-type": "application/json" };
    const answer = await server.app.inject({ method: "POST", url, headers, payload });
    return `${answer.statusCode} ${answer.json<{ code: string }>().code}`;
  };
  const deep = `{"name":${"[".repeat(20_000)}1${"]".repeat(20_000)},"line":"L3"}`;
  expect(await send("/v1/stations", deep)).toBe("400 request.invalid");
  for (const name of ["a\\u0000b", "\\ud800", "\\udc00"]) {
    expect(await send("/v1/stations", `{"name":"${name}","line":"L3"}`)).toBe(
      "400 request.invalid",
    );
  }
  const headers = { authorization: `Bearer ${admin}` };
  expect((await server.app.inject({ url: "/v1/units?search=%00", headers })).statusCode).toBe(400);
  expect(Timestamp.safeParse("0000-01-01T00:00:00Z").success).toBe(false);
  expect(Timestamp.safeParse("9999-12-31T23:59:59-12:00").success).toBe(false);
  expect(Timestamp.safeParse("2026-11-28T16:00:00+02:00").success).toBe(true);
});
