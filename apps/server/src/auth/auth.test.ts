import { afterAll, beforeAll, expect, test } from "vitest";
import { SESSION_COOKIE } from "../http/session-cookie.ts";
import { peopleOn } from "../people/feature.ts";
import { BY, eventsOf } from "../testing/events.ts";
import { refusal } from "../testing/refusal.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";
import { tokensRepository } from "../tokens/repository.ts";
import { tokensService } from "../tokens/service.ts";
import { CREDENTIALS_TOPIC } from "./feature.ts";
import { authRepository } from "./repository.ts";
import { type AuthService, authService } from "./service.ts";

let server: TestServer;
let auth: AuthService;
let people: ReturnType<typeof peopleOn>;
let tokens: ReturnType<typeof tokensService>;
beforeAll(async () => {
  server = await startTestServer({ idle: true });
  auth = authService(authRepository(server.platform.db));
  people = peopleOn(server.platform.db);
  tokens = tokensService(tokensRepository(server.platform.db));
  await people.save("anna", "engineer", "correct horse battery", BY);
});
afterAll(() => server.close());

const bearer = (secret: string) => server.client({ authorization: `Bearer ${secret}` });

const addToken = async (name: string, scopes: readonly string[]) =>
  (await tokens.add({ name, scopes, days: null }, null, BY)).secret;

test("a person logs in, is known, logs out, and is not known any more", async () => {
  const { secret } = await auth.login("anna", "correct horse battery", BY);
  const cookie = `${SESSION_COOKIE}=${secret}`;
  const call = server.client({ cookie, origin: "http://flashline.test" });
  expect((await call("session", {})).body).toEqual({ name: "anna", role: "engineer" });
  expect((await call("logout", {})).status).toBe(204);
  expect(await refusal(call("session", {}))).toBe("401 auth.required");
});

test("a wrong name, a wrong password and a disabled person get the same answer", async () => {
  const login = (name: string, password: string) =>
    refusal(server.client()("login", { body: { name, password } }));
  await people.save("gone", "engineer", "correct horse battery", BY);
  const { secret } = await auth.login("gone", "correct horse battery", BY);
  await people.disable("gone", undefined, BY);
  expect(await login("anna", "wrong")).toBe("401 auth.wrong");
  expect(await login("nobody", "wrong")).toBe("401 auth.wrong");
  expect(await login("gone", "correct horse battery")).toBe("401 auth.wrong");
  expect(await auth.session(secret)).toBeNull();
});

test("a password that was changed while it was checked opens no session", async () => {
  const repository = authRepository(server.platform.db);
  await people.save("slow", "engineer", "correct horse battery", BY);
  const { id = "", passwordHash } = (await repository.person("slow")) ?? {};
  const proof = { passwordHash: passwordHash ?? "", identity: null };
  const open = (tokenHash: string) =>
    repository.addSession({ personId: id, ...proof, tokenHash, expiresAt: new Date() }, "slow", BY);
  expect(await open("before")).toBeDefined();
  await people.setPassword("slow", "another long password", "for the test", BY);
  expect(await open("after")).toBeUndefined();
});

test("guessing passwords is slowed down", async () => {
  const other = await startTestServer({ idle: true });
  const codes: string[] = [];
  for (let attempt = 0; attempt < 11; attempt += 1) {
    codes.push(await refusal(other.client()("login", { body: { name: "anna", password: "x" } })));
  }
  expect(codes.at(9)).toBe("401 auth.wrong");
  expect(codes.at(10)).toBe("429 request.rate_limited");
  await other.close();
});

test("passwords are stored as argon2id, tokens as digests", async () => {
  const token = await addToken("ci", ["read"]);
  const rows = await server.platform.db.sql.query<{ secret: string }>(
    "SELECT password_hash AS secret FROM person WHERE name = 'anna' UNION ALL SELECT token_hash FROM api_token",
  );
  expect(rows[0]?.secret).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(JSON.stringify(rows)).not.toContain(token);
});

test("a token does what its scopes say until it is revoked or over", async () => {
  const token = await addToken("reader", ["read"]);
  expect((await bearer(token)("products", {})).body).toHaveLength(1);
  expect((await tokens.revoke("reader", undefined, BY)).count).toBe(1);
  expect((await tokens.revoke("reader", undefined, BY)).count).toBe(0);
  expect(await refusal(bearer(token)("products", {}))).toBe("401 auth.revoked");
  const { secret: short } = await tokensService(
    tokensRepository(server.platform.db),
    () => Date.now() - 2 * 86_400_000,
  ).add({ name: "short", scopes: ["read"], days: 1 }, null, BY);
  expect(await refusal(bearer(short)("products", {}))).toBe("401 auth.revoked");
  expect(await refusal(bearer("flt_made-up")("products", {}))).toBe("401 auth.required");
  expect(await refusal(server.client({ authorization: "Basic YTpi" })("products", {}))).toBe(
    "401 auth.required",
  );
});

test("roles, scopes and passwords are checked where they are given", async () => {
  await expect(people.save("x", "king", "correct horse battery", BY)).rejects.toThrow(
    "no role king",
  );
  await expect(people.save("x", "admin", "short", BY)).rejects.toThrow("at least 10");
  await expect(addToken("x", ["everything"])).rejects.toThrow("no scope everything");
  await expect(addToken("x", [])).rejects.toThrow("at least one scope");
});

test("a revoked station is refused at once, on every replica", async () => {
  const replica = await startTestServer({ replicaOf: server, idle: true });
  const station = await server.addStation("L3-77", 1);
  expect((await server.station(station)("setup", {})).status).toBe(200);
  expect((await replica.station(station)("setup", {})).status).toBe(200);
  await server.platform.db.sql.execute("UPDATE station SET credential_hash = NULL WHERE id = $1", [
    station.id,
  ]);
  server.platform.bus.publish(CREDENTIALS_TOPIC, {});
  expect(await refusal(server.station(station)("setup", {}))).toBe("401 auth.revoked");
  await expect
    .poll(() => refusal(replica.station(station)("setup", {})), { timeout: 5_000 })
    .toBe("401 auth.revoked");
  await replica.close();
});

test("who was given what, who logged in and who failed to, stand in the ledger", async () => {
  const events = await eventsOf(server.platform.db.sql);
  const told = events.map(({ kind, who, subjectName }) => `${who}: ${kind} ${subjectName}`);
  expect(told).toContain("system command line: person.added anna");
  expect(told).toContain("system command line: person.disabled gone");
  expect(told).toContain("system command line: token.revoked reader");
  expect(told).toContain("person anna: person.logged-in anna");
  expect(told).toContain("person anna: person.logged-out anna");
  expect(told).toContain("nobody: person.log-in-failed nobody");
  const out = events.find(({ kind }) => kind === "person.logged-out");
  expect(out).toMatchObject({ door: "pages", address: "127.0.0.1", operation: "logout" });
  expect(JSON.stringify(events)).not.toContain("horse");
});
