import { ENDPOINTS } from "@flashline/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SESSION_COOKIE } from "../http/session-cookie.ts";
import { eventsOf } from "../testing/events.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";
import { CLIENT, type RunningProvider, startProvider } from "./testing.ts";

const SERVER = "http://flashline.test";
const BACK = `${SERVER}${ENDPOINTS.finishProviderLogin.path}`;

let provider: RunningProvider;
let server: TestServer;
let admin: TestClient;
const environment = (issuer: string) => ({
  FLASHLINE_SERVER: SERVER,
  FLASHLINE_OIDC_ISSUER: issuer,
  FLASHLINE_OIDC_CLIENT_ID: CLIENT.id,
  FLASHLINE_OIDC_CLIENT_SECRET: CLIENT.secret,
  FLASHLINE_OIDC_ROLES: "it=admin, line-leads=operator-lead, production=engineer",
});
beforeAll(async () => {
  provider = await startProvider(BACK);
  server = await startTestServer({ idle: true, environment: environment(provider.issuer) });
  admin = await server.person("admin");
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

const get = (url: string, cookies: Readonly<Record<string, string>> = {}, on = server) =>
  on.app.inject({ url, cookies: { ...cookies }, headers: { host: new URL(SERVER).host } });

/** Begins a log-in: where the browser goes, and what it keeps. */
async function begin(on = server) {
  const answer = await get(ENDPOINTS.startProviderLogin.path, {}, on);
  const kept = answer.cookies.map(({ name, value }) => [name, value] as const);
  return { answer, url: String(answer.headers.location), cookies: Object.fromEntries(kept) };
}
/** Ends it with what the provider sent: "in" and the session, or the code that the page shows. */
async function end(back: URL, cookies: Readonly<Record<string, string>>) {
  const answer = await get(`${back.pathname}${back.search}`, cookies);
  expect(answer.statusCode, answer.body).toBe(303);
  const secret = answer.cookies.find(({ name }) => name === SESSION_COOKIE)?.value;
  const [, code] = /^\/#refused=(.+)$/.exec(String(answer.headers.location)) ?? [];
  expect(secret === undefined).toBe(code !== undefined);
  const call = server.client({ cookie: `${SESSION_COOKIE}=${secret}`, origin: SERVER });
  return { told: code ?? "in", call };
}
async function logIn(subject: string) {
  const { url, cookies } = await begin();
  return end(await provider.walk(url, subject), cookies);
}
const told = async (subject: string) => (await logIn(subject)).told;

test("the first log-in adds a person with the group's role, and later ones know them", async () => {
  provider.people.set("00u1", { name: "petra", groups: ["cafeteria", "production"] });
  const { told: first, call } = await logIn("00u1");
  expect(first).toBe("in");
  expect((await call("session", {})).body).toEqual({ name: "petra", role: "engineer" });
  const { body: added } = await admin("person", { params: { id: "petra" } });
  expect(added).toMatchObject({ ways: ["provider"], plant: null, sessions: 1 });
  // Another name at the provider is still the same person.
  provider.people.set("00u1", { name: "petra.married", groups: ["production"] });
  expect((await (await logIn("00u1")).call("session", {})).body.name).toBe("petra");
  const events = await eventsOf(server.platform.db.sql, "person.%");
  expect(
    events.filter(({ subjectName }) => subjectName === "petra").map(({ kind }) => kind),
  ).toEqual(["person.added", "person.logged-in", "person.logged-in"]);
});

test("another group is another role at the next log-in; sessions before it end", async () => {
  provider.people.set("00u2", { name: "rolf", groups: ["production"] });
  const { call } = await logIn("00u2");
  provider.people.set("00u2", { name: "rolf", groups: ["production", "line-leads"] });
  const { call: later } = await logIn("00u2");
  expect((await later("session", {})).body.role).toBe("operator-lead");
  await expect(call("session", {})).rejects.toThrow();
  const [changed] = await eventsOf(server.platform.db.sql, "person.role-changed");
  expect(changed).toMatchObject({
    subjectName: "rolf",
    after: { role: "operator-lead" },
    reason: "is in the provider's group line-leads",
  });
});

test("nobody gets in without a group, disabled, or under the name of somebody else", async () => {
  provider.people.set("00u3", { name: "gast", groups: ["cafeteria"] });
  expect(await told("00u3")).toBe("auth.no_role");
  provider.people.set("00u4", { name: "dora", groups: ["it"] });
  expect(await told("00u4")).toBe("in");
  const because = { reason: "for the test" };
  await admin("disablePerson", { params: { id: "dora" }, body: because });
  expect(await told("00u4")).toBe("auth.disabled");
  await admin("addPerson", { body: { name: "olaf", role: "operator" } });
  provider.people.set("00u5", { name: "olaf", groups: ["it"] });
  expect(await told("00u5")).toBe("auth.name_taken");
  // Another subject with a name that somebody has who came in by the provider, too.
  provider.people.set("00u6", { name: "petra", groups: ["it"] });
  expect(await told("00u6")).toBe("auth.name_taken");
  const refused = await eventsOf(server.platform.db.sql, "person.log-in-refused");
  expect(refused.map(({ data }) => data)).toEqual(
    ["auth.no_role", "auth.disabled", "auth.name_taken", "auth.name_taken"].map((code) => ({
      code,
    })),
  );
  const { body: olaf } = await admin("person", { params: { id: "olaf" } });
  expect(olaf).toMatchObject({ role: "operator", ways: [], sessions: 0 });
});

test("two first log-ins of one person in the same moment are one person", async () => {
  provider.people.set("00u7", { name: "zwei", groups: ["production"] });
  const begun = await Promise.all([begin(), begin()]);
  const backs = await Promise.all(begun.map(({ url }) => provider.walk(url, "00u7")));
  const ends = await Promise.all(backs.map((back, i) => end(back, begun[i]?.cookies ?? {})));
  expect(ends.map(({ told }) => told)).toEqual(["in", "in"]);
  expect((await admin("people", { query: { search: "zwei" } })).body).toMatchObject([
    { sessions: 2 },
  ]);
});

test("what the provider sent counts once, and in the browser that began", async () => {
  const { url, cookies } = await begin();
  const other = await begin();
  const back = await provider.walk(url, "00u1");
  expect((await end(back, {})).told).toBe("auth.not_proved");
  expect((await end(back, other.cookies)).told).toBe("auth.not_proved");
  const forged = new URL(back);
  forged.searchParams.set("state", "made-up");
  expect((await end(forged, cookies)).told).toBe("auth.not_proved");
  const denied = new URL(`${BACK}?error=access_denied&state=${back.searchParams.get("state")}`);
  expect((await end(denied, cookies)).told).toBe("auth.not_proved");
  expect((await end(back, cookies)).told).toBe("in");
  expect((await end(back, cookies)).told).toBe("auth.not_proved");
});

test("the page is told of the provider, and a log-in by password stays when it is away", async () => {
  expect((await server.client()("loginWays", {})).body.provider).toBe(
    new URL(provider.issuer).host,
  );
  const away = await startTestServer({
    replicaOf: server,
    idle: true,
    environment: environment("http://127.0.0.1:9"),
  });
  const { answer } = await begin(away);
  expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([503, "auth.provider"]);
  const person = { name: "pw", role: "engineer", password: "correct horse battery" } as const;
  await admin("addPerson", { body: person });
  const login = { name: "pw", password: "correct horse battery" };
  expect((await away.client()("login", { body: login })).status).toBe(200);
  await away.close();
  const none = await startTestServer({ replicaOf: server, idle: true });
  expect((await none.client()("loginWays", {})).body.provider).toBeNull();
  expect((await begin(none)).answer.statusCode).toBe(404);
  await none.close();
});
