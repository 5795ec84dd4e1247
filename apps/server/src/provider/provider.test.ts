import { ENDPOINTS } from "@flashline/contract";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { eraseName } from "../audit/erase.ts";
import { authRepository } from "../auth/repository.ts";
import { authService } from "../auth/service.ts";
import { SESSION_COOKIE } from "../http/session-cookie.ts";
import { BY, eventsOf } from "../testing/events.ts";
import { refusal } from "../testing/refusal.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";
import { identityProvider } from "./provider.ts";
import { CLIENT, ID_TOKEN_S, type RunningProvider, startProvider } from "./testing.ts";

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

/** Log-ins from one address are counted: each call comes from another one, unless it is said. */
let asked = 0;
function anotherAddress(): string {
  asked += 1;
  return `10.0.0.${asked}`;
}
function get(
  url: string,
  {
    cookies = {},
    on = server,
    from = anotherAddress(),
  }: { cookies?: Readonly<Record<string, string>>; on?: TestServer; from?: string } = {},
) {
  const headers = { host: new URL(SERVER).host };
  return on.app.inject({ url, cookies: { ...cookies }, headers, remoteAddress: from });
}

/** Begins a log-in: where the browser goes, and what it keeps. */
async function begin(on = server) {
  const answer = await get(ENDPOINTS.startProviderLogin.path, { on });
  const kept = answer.cookies.map(({ name, value }) => [name, value] as const);
  return { answer, url: String(answer.headers.location), cookies: Object.fromEntries(kept) };
}
/** Ends it with what the provider sent: "in" and the session, or the code that the page shows. */
async function end(back: URL, cookies: Readonly<Record<string, string>>, from?: string) {
  const answer = await get(`${back.pathname}${back.search}`, {
    cookies,
    ...(from === undefined ? {} : { from }),
  });
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
  await admin("disablePerson", { params: { id: "dora" }, body: because });
  expect(await told("00u4")).toBe("auth.disabled");
  await admin("addPerson", { body: { name: "olaf", role: "operator" } });
  provider.people.set("00u5", { name: "olaf", groups: ["it"] });
  expect(await told("00u5")).toBe("auth.name_taken");
  // Another subject brings a name that is taken. Its owner also logs in by the provider.
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

const because = { reason: "for the test" };

test("a name that somebody had before is nobody else's either", async () => {
  await admin("addPerson", { body: { name: "ruth", role: "operator" } });
  await admin("renamePerson", { params: { id: "ruth" }, body: { name: "ruth.b", ...because } });
  provider.people.set("00u8", { name: "ruth", groups: ["it"] });
  expect(await told("00u8")).toBe("auth.name_taken");
});

test("who is in no group any more that has a role does not get in, and is logged out elsewhere", async () => {
  provider.people.set("00u9", { name: "nina", groups: ["production"] });
  const { call } = await logIn("00u9");
  provider.people.set("00u9", { name: "nina", groups: [] });
  expect(await told("00u9")).toBe("auth.no_role");
  expect(await refusal(call("session", {}))).toBe("401 auth.required");
});

test("where it is set, who logs out here is logged out at the provider, and the next one is asked who they are", async () => {
  const both = await startTestServer({
    replicaOf: server,
    idle: true,
    environment: { ...environment(provider.issuer), FLASHLINE_OIDC_LOG_OUT: "provider" },
  });
  try {
    provider.people.set("00u20", { name: "ida", groups: ["production"] });
    provider.people.set("00u21", { name: "jan", groups: ["production"] });
    const path = ENDPOINTS.endProviderLogin.path;
    expect((await both.client()("loginWays", {})).body.provider?.end).toBe(`${SERVER}${path}`);
    const browser = provider.browser();
    /** Who comes in when `subject` sits down at this browser and takes the button. */
    const sitDown = async (subject: string) => {
      const { url, cookies } = await begin(both);
      const back = await browser(url, subject);
      const answer = await get(`${back.pathname}${back.search}`, { cookies, on: both });
      const kept = Object.fromEntries(answer.cookies.map(({ name, value }) => [name, value]));
      const cookie = `${SESSION_COOKIE}=${kept[SESSION_COOKIE]}`;
      const { body } = await both.client({ cookie, origin: SERVER })("session", {});
      return { name: body.name, kept };
    };
    const first = await sitDown("00u20");
    expect(first.name).toBe("ida");
    // Nobody logged out: the provider takes the next one for her.
    expect((await sitDown("00u21")).name).toBe("ida");
    const end = await get(path, { cookies: first.kept, on: both });
    expect(end.statusCode).toBe(303);
    expect(end.cookies).toMatchObject([{ name: "flashline_provider", value: "" }]);
    const there = new URL(String(end.headers.location));
    expect([...there.searchParams.keys()].toSorted()).toEqual([
      "client_id",
      "id_token_hint",
      "post_logout_redirect_uri",
    ]);
    expect((await browser(there.href, "nobody")).href).toBe(`${SERVER}/`);
    expect((await sitDown("00u21")).name).toBe("jan");
    // Who came in by password has no session there, and where it is not set nobody is sent there.
    expect((await get(path, { on: both })).headers.location).toBe("/");
    const here = (await logIn("00u20")).told;
    expect(here).toBe("in");
  } finally {
    await both.close();
  }
});

test("a log-out while the provider is away ends the session here and says so", async () => {
  const away = await startTestServer({
    replicaOf: server,
    idle: true,
    environment: { ...environment("http://127.0.0.1:9"), FLASHLINE_OIDC_LOG_OUT: "provider" },
  });
  const answer = await get(ENDPOINTS.endProviderLogin.path, {
    cookies: { flashline_provider: "made up" },
    on: away,
  });
  expect([answer.statusCode, answer.headers.location]).toEqual([303, "/#refused=auth.provider"]);
  await away.close();
});

test("an admin links a person to an identity, and takes it away again", async () => {
  const password = "correct horse battery";
  await admin("addPerson", { body: { name: "lotte", role: "engineer", password } });
  provider.people.set("00ua", { name: "lotte", groups: ["line-leads"] });
  expect(await told("00ua")).toBe("auth.name_taken");
  const link = (id: string, subject: string) =>
    admin("linkPerson", { params: { id }, body: { subject, ...because } });
  const { body: linked } = await link("lotte", "00ua");
  expect(linked).toMatchObject({ ways: ["password", "provider"] });
  expect(linked.identities).toMatchObject([{ issuer: `${provider.issuer}/`, subject: "00ua" }]);
  expect((await link("lotte", "00ua")).status).toBe(200);
  expect(await refusal(link("olaf", "00ua"))).toBe("409 request.conflict");
  const { told: after, call } = await logIn("00ua");
  expect(after).toBe("in");
  expect((await call("session", {})).body).toEqual({ name: "lotte", role: "operator-lead" });
  const { body: unlinked } = await admin("unlinkPerson", {
    params: { id: "lotte" },
    body: because,
  });
  expect(unlinked).toMatchObject({ identities: [], ended: { sessions: 1 } });
  // Whose log-in was on its way meanwhile.
  const late = { id: unlinked.id, name: "lotte", role: "operator-lead" };
  const identity = { issuer: provider.issuer, subject: "00ua" };
  const opened = authService(authRepository(server.platform.db)).openAs(late, identity, BY);
  await expect(opened).rejects.toMatchObject({ code: "auth.not_proved" });
  expect(await refusal(call("session", {}))).toBe("401 auth.required");
  expect(await told("00ua")).toBe("auth.name_taken");
  const events = await eventsOf(server.platform.db.sql, "person.%linked");
  expect(events.map(({ kind, subjectName }) => `${kind} ${subjectName}`)).toEqual([
    "person.linked lotte",
    "person.unlinked lotte",
  ]);
  // An event is for good, and a subject is a person's.
  expect(JSON.stringify(events)).not.toContain("00ua");
});

test("who was disabled in the moment of the log-in gets no session; who is erased leaves no identity", async () => {
  const { db } = server.platform;
  const { id } = (await admin("person", { params: { id: "dora" } })).body;
  const dora = { id, name: "dora", role: "admin" };
  const [identity] = await db.sql.query<{ issuer: string; subject: string }>(
    "SELECT issuer, subject FROM person_identity WHERE subject = '00u4'",
  );
  if (identity === undefined) throw new Error("dora has no identity");
  await expect(authService(authRepository(db)).openAs(dora, identity, BY)).rejects.toMatchObject({
    code: "auth.disabled",
  });
  expect(await eraseName(db, "dora", BY)).toBe(true);
  expect(await db.sql.query("SELECT FROM person_identity WHERE subject = '00u4'")).toEqual([]);
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
  const { answer, url, cookies } = await begin();
  expect(answer.cookies).toMatchObject([
    { httpOnly: true, sameSite: "Lax", path: "/v1/session/provider" },
  ]);
  const asks = new URL(url).searchParams;
  expect(asks.get("code_challenge_method")).toBe("S256");
  expect(asks.get("redirect_uri")).toBe(BACK);
  const other = await begin();
  const back = await provider.walk(url, "00u1");
  expect((await end(back, {})).told).toBe("auth.not_proved");
  expect((await end(back, { flashline_login: "bWFkZSB1cA" })).told).toBe("auth.not_proved");
  expect((await end(new URL(BACK), cookies)).told).toBe("auth.not_proved");
  expect((await end(back, other.cookies)).told).toBe("auth.not_proved");
  const forged = new URL(back);
  forged.searchParams.set("state", "made-up");
  expect((await end(forged, cookies)).told).toBe("auth.not_proved");
  const state = back.searchParams.get("state");
  const says = (error: string) =>
    new URL(`${BACK}?error=${error}&state=${state}&iss=${provider.issuer}`);
  expect((await end(says("access_denied"), cookies)).told).toBe("auth.not_proved");
  expect((await end(says("invalid_scope"), cookies)).told).toBe("auth.provider");
  // Another site's parameters do not matter (RFC 6749, section 4.1.2), and lead nowhere.
  back.searchParams.set("client-request-id", "17");
  back.searchParams.set("redirect_uri", "https://elsewhere.example");
  expect((await end(back, cookies)).told).toBe("in");
  expect((await end(back, cookies)).told).toBe("auth.not_proved");
  // Only who began a log-in gets into the ledger: others could fill it.
  const unproved = await eventsOf(server.platform.db.sql, "person.log-in-unproved");
  expect(unproved.map(({ data, door }) => [data, door])).toEqual(
    Array(5).fill([{ code: "auth.not_proved" }, "pages"]),
  );
});

test("log-ins from one address are counted together with those by password", async () => {
  const { cookies } = await begin();
  const from = "192.0.2.77";
  const body = { name: "nobody", password: "wrong" };
  for (let i = 0; i < 4; i += 1) {
    await server.app.inject({
      method: "POST",
      url: ENDPOINTS.login.path,
      payload: body,
      remoteAddress: from,
    });
  }
  const codes: string[] = [];
  for (let i = 0; i < 7; i += 1) codes.push((await end(new URL(BACK), cookies, from)).told);
  expect(codes).toEqual([...Array(6).fill("auth.not_proved"), "request.rate_limited"]);
});

const settings = {
  clientId: CLIENT.id,
  clientSecret: CLIENT.secret,
  roles: [],
  groupsClaim: "groups",
  nameClaim: "preferred_username",
  scope: "openid profile",
  logOutThere: false,
};

test("clocks may differ by half a minute", async () => {
  const issuer = new URL(provider.issuer);
  const at = identityProvider({ ...settings, issuer }, SERVER);
  const { fetch } = globalThis;
  const finish = async (aheadS: number) => {
    const { url, pending } = await at.start();
    const { searchParams } = await provider.walk(url, "00u1");
    vi.useFakeTimers({ toFake: ["Date"] });
    const begun = Date.now();
    // Our clock jumps when the ID token has come.
    vi.stubGlobal("fetch", async (...request: Parameters<typeof fetch>) => {
      const answer = await fetch(...request);
      vi.setSystemTime(begun + (ID_TOKEN_S + aheadS) * 1000);
      return answer;
    });
    try {
      return await at.finish(Object.fromEntries(searchParams), pending);
    } finally {
      vi.unstubAllGlobals();
      vi.useRealTimers();
    }
  };
  expect(await finish(20)).toMatchObject({ subject: "00u1" });
  await expect(finish(60)).rejects.toMatchObject({
    code: "auth.provider",
    message: expect.stringContaining("clocks"),
  });
});

test("a provider that takes the secret in the header only is given it there; a wrong one is the settings' fault", async () => {
  const header = await startProvider(BACK, "client_secret_basic");
  header.people.set("00ud", { name: "hedi", groups: ["it"] });
  const tries = async (clientSecret: string) => {
    const issuer = new URL(header.issuer);
    const at = identityProvider({ ...settings, clientSecret, issuer }, SERVER);
    const { url, pending } = await at.start();
    const { searchParams } = await header.walk(url, "00ud");
    return at.finish(Object.fromEntries(searchParams), pending);
  };
  expect(await tries(CLIENT.secret)).toMatchObject({ name: "hedi", groups: ["it"] });
  await expect(tries("wrong")).rejects.toMatchObject({
    code: "auth.provider",
    message: expect.stringContaining("FLASHLINE_OIDC_CLIENT_SECRET"),
  });
  await header.close();
});

test("a provider that stands for every tenant there is, is refused", async () => {
  const at = "https://login.microsoftonline.com";
  // What Microsoft answers under this address, as far as it matters here.
  const common = {
    issuer: `${at}/{tenantid}/v2.0`,
    authorization_endpoint: `${at}/common/oauth2/v2.0/authorize`,
    token_endpoint: `${at}/common/oauth2/v2.0/token`,
  };
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json(common)));
  try {
    const issuer = new URL(`${at}/common/v2.0`);
    await expect(identityProvider({ ...settings, issuer }, SERVER).start()).rejects.toMatchObject({
      code: "auth.provider",
      message: expect.stringContaining("tenantid"),
    });
  } finally {
    vi.unstubAllGlobals();
  }
});

test("the page is told of the provider, and a log-in by password stays when it is away", async () => {
  expect((await server.client()("loginWays", {})).body.provider).toEqual({
    host: new URL(provider.issuer).host,
    url: `${SERVER}${ENDPOINTS.startProviderLogin.path}`,
    end: null,
  });
  const away = await startTestServer({
    replicaOf: server,
    idle: true,
    environment: environment("http://127.0.0.1:9"),
  });
  const { answer } = await begin(away);
  expect([answer.statusCode, answer.headers.location]).toEqual([302, "/#refused=auth.provider"]);
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
