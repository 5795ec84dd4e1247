import { RefusedError } from "@flashline/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../testing/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => "answered",
    (error: unknown) =>
      error instanceof RefusedError ? `${error.status} ${error.refusal.code}` : String(error),
  );

test("says that it lives and that it is ready", async () => {
  expect((await server.app.inject("/healthz")).json()).toEqual({ status: "ok" });
  const ready = await server.app.inject("/readyz");
  expect(ready.statusCode).toBe(200);
  expect(ready.json()).toMatchObject({ status: "ready", database: "ok" });
});

test("refuses nobody, the wrong kind of caller, and a made-up credential", async () => {
  expect(await refusal(server.client()("session", {}))).toBe("401 auth.required");
  expect(await refusal(server.station()("session", {}))).toBe("403 auth.forbidden");
  const forged = server.client({ authorization: "Bearer fls_made-up" });
  expect(await refusal(forged("session", {}))).toBe("401 auth.revoked");
});
