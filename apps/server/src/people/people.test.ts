import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eraseName } from "../audit/erase.ts";
import { authRepository } from "../auth/repository.ts";
import { SESSION_COOKIE } from "../http/session-cookie.ts";
import { newId } from "../ids.ts";
import { plantsRepository } from "../plants/repository.ts";
import { BY, eventsOf } from "../testing/events.ts";
import { refusal } from "../testing/refusal.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";
import { tokensRepository } from "../tokens/repository.ts";
import { peopleChanges } from "./changes.ts";
import { peopleRepository } from "./repository.ts";
import { peopleService } from "./service.ts";

const PASSWORD = "correct horse battery";
let server: TestServer;
let replica: TestServer;
let admin: TestClient;
beforeAll(async () => {
  server = await startTestServer({ idle: true });
  replica = await startTestServer({ replicaOf: server, idle: true });
  admin = await server.person("admin");
});
afterAll(async () => {
  await replica.close();
  await server.close();
});

const because = { reason: "for the test" };
const add = (name: string, role: "operator" | "operator-lead" | "engineer" | "admin") =>
  admin("addPerson", {
    body: { name, role, ...(role === "operator" ? {} : { password: PASSWORD }) },
  });

/** Logs in over the API, as the page does. Address counts: each call comes from another one. */
let asked = 0;
async function logIn(name: string, password = PASSWORD, on = server): Promise<TestClient> {
  asked += 1;
  const answer = await on.app.inject({
    method: "POST",
    url: "/v1/session",
    payload: { name, password },
    remoteAddress: `10.0.0.${asked}`,
  });
  expect(answer.statusCode, answer.body).toBe(200);
  const cookie = `${SESSION_COOKIE}=${answer.cookies[0]?.value}`;
  return on.client({ cookie, origin: "http://flashline.test" });
}
const mayLogIn = async (name: string, password = PASSWORD) => {
  asked += 1;
  const answer = await server.app.inject({
    method: "POST",
    url: "/v1/session",
    payload: { name, password },
    remoteAddress: `10.0.0.${asked}`,
  });
  return answer.statusCode === 200 ? "in" : answer.json<{ code: string }>().code;
};

describe("a person", () => {
  it("is added, and added again without an error, but not with other content", async () => {
    const first = await add("berta", "engineer");
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({ role: "engineer", plant: null, ways: ["password"] });
    expect((await add("berta", "engineer")).status).toBe(200);
    expect(await refusal(add("berta", "admin"))).toBe("409 request.conflict");
    const other = { name: "berta", role: "engineer", password: "another long one" } as const;
    expect(await refusal(admin("addPerson", { body: other }))).toBe("409 request.conflict");
    const short = { name: "short", role: "engineer", password: "short" } as const;
    expect(await refusal(admin("addPerson", { body: short }))).toBe("400 request.invalid");
    const nowhere = { name: "x", role: "engineer", plant: "Nowhere" } as const;
    expect(await refusal(admin("addPerson", { body: nowhere }))).toBe("400 request.invalid");
    expect(await mayLogIn("berta")).toBe("in");
  });

  it("of the role operator has no password and no pages", async () => {
    await add("olaf", "operator");
    const body = { password: PASSWORD, ...because };
    expect(await refusal(admin("setPassword", { params: { id: "olaf" }, body }))).toBe(
      "400 request.invalid",
    );
    await add("lena", "operator-lead");
    const lena = await logIn("lena");
    const role = { role: "operator", ...because } as const;
    const demoted = await admin("setPersonRole", { params: { id: "lena" }, body: role });
    expect(demoted.body.ways).toEqual([]);
    expect(await refusal(lena("session", {}))).toBe("401 auth.required");
    expect(await mayLogIn("lena")).toBe("auth.no_pages");
    expect(await mayLogIn("lena", "wrong password")).toBe("auth.wrong");
    const [refused] = await eventsOf(server.platform.db.sql, "person.log-in-refused");
    expect(refused).toMatchObject({ subjectName: "lena", data: { code: "auth.no_pages" } });
  });

  it("works in a plant, is found by it, and by a part of the name", async () => {
    await admin("setPersonPlant", { params: { id: "olaf" }, body: { plant: "Graz", ...because } });
    const { body: own } = await admin("person", { params: { id: "olaf" } });
    expect(own.plant).toBe("Graz");
    const names = async (query: object) =>
      (await admin("people", { query })).body.map(({ name }) => name);
    expect(await names({ search: "OLA" })).toEqual(["olaf"]);
    expect(await names({ role: "operator", plant: "Graz" })).toEqual(["lena", "olaf"]);
    expect(await names({ role: "operator", plant: "Linz" })).toEqual(["lena"]);
    expect(await names({ role: "operator", limit: 1, after: "lena" })).toEqual(["olaf"]);
    const lead = await server.person("operator-lead");
    expect((await lead("people", {})).status).toBe(200);
    expect(await refusal(lead("person", { params: { id: "olaf" } }))).toBe("403 auth.forbidden");
  });

  it("is renamed; nobody else gets the old name, and erasing takes out both", async () => {
    const { db } = server.platform;
    await add("rosa", "engineer");
    const rosa = await logIn("rosa");
    const id = (await admin("person", { params: { id: "rosa" } })).body.id;
    const rename = (who: string, name: string) =>
      admin("renamePerson", { params: { id: who }, body: { name, ...because } });
    expect((await rename("rosa", "rosa.muster")).body.formerNames).toEqual(["rosa"]);
    expect((await rosa("session", {})).body.name).toBe("rosa.muster");
    expect(await mayLogIn("rosa")).toBe("auth.wrong");
    expect(await refusal(add("rosa", "engineer"))).toBe("409 request.conflict");
    expect(await refusal(rename("olaf", "rosa"))).toBe("409 request.conflict");
    expect(await refusal(rename("olaf", "rosa.muster"))).toBe("409 request.conflict");
    const [renamed] = await eventsOf(db.sql, "person.renamed");
    const [known] = await db.sql.query<{ id: string }>(
      "SELECT id FROM ledger_name WHERE name = 'rosa.muster'",
    );
    expect(renamed).toMatchObject({ subjectName: "rosa", data: { nowKnownAs: known?.id } });
    // Back to the first name: then the other one is the former.
    expect((await rename(id, "rosa")).body.formerNames).toEqual(["rosa.muster"]);
    await rename(id, "rosa.muster");
    expect(await eraseName(db, "rosa.muster", BY)).toBe(true);
    const left = await db.sql.query("SELECT FROM ledger_name WHERE name LIKE 'rosa%'");
    expect(left).toEqual([]);
    expect(JSON.stringify(await eventsOf(db.sql))).not.toContain("rosa");
    expect((await add("rosa", "engineer")).status).toBe(201);
  });

  it("never has a name that somebody had, also when it is given away in the same moment", async () => {
    for (let round = 0; round < 6; round += 1) {
      const [old, now] = [`swap-${round}`, `swapped-${round}`];
      await add(old, "operator");
      const body = { name: now, ...because };
      await Promise.all([
        admin("renamePerson", { params: { id: old }, body }),
        refusal(add(old, "operator")),
      ]);
      expect(await refusal(add(old, "operator"))).toBe("409 request.conflict");
      expect((await admin("people", { query: { search: old } })).body).toEqual([]);
    }
  });

  it("gets another password from an admin, or changes it; other sessions end", async () => {
    await add("paul", "engineer");
    const paul = await logIn("paul");
    const body = { password: "a new long password", ...because };
    const set = await admin("setPassword", { params: { id: "paul" }, body });
    expect(set.body.ended).toEqual({ sessions: 1, tokens: 0 });
    expect(await refusal(paul("session", {}))).toBe("401 auth.required");
    const [here, there] = [
      await logIn("paul", "a new long password"),
      await logIn("paul", "a new long password"),
    ];
    const change = (current: string) =>
      refusal(here("changeOwnPassword", { body: { current, password: PASSWORD } }));
    expect(await change("not this one")).toBe("401 auth.wrong");
    expect(await change("a new long password")).toBe("answered");
    expect((await here("session", {})).body.name).toBe("paul");
    expect(await refusal(there("session", {}))).toBe("401 auth.required");
    for (let tries = 0; tries < 10; tries += 1) await change("not this one");
    expect(await change(PASSWORD)).toBe("429 request.rate_limited");
  });

  it("is not changed by who proved the one that an admin took away meanwhile", async () => {
    await add("pia", "engineer");
    const { db } = server.platform;
    const [person] = (await admin("people", { query: { search: "pia" } })).body;
    const { id = "", name = "" } = person ?? {};
    const body = { password: "the admin's own choice", ...because };
    const people = peopleService({
      changes: peopleChanges(db),
      repository: peopleRepository(db),
      tokens: tokensRepository(db),
      plantOf: plantsRepository(db).plant,
      // Hashing takes a while: the admin is faster.
      async passwordOf(of) {
        const known = (await authRepository(db).person(of))?.passwordHash ?? null;
        await admin("setPassword", { params: { id }, body });
        return known;
      },
    });
    const caller = { kind: "person", id, name, role: "engineer", sessionId: newId() } as const;
    const changed = people.changeOwnPassword(caller, PASSWORD, "a thief's password", BY);
    await expect(changed).rejects.toMatchObject({ code: "auth.wrong" });
    expect(await mayLogIn("pia", "a thief's password")).toBe("auth.wrong");
    expect(await mayLogIn("pia", body.password)).toBe("in");
  });
});

describe("sessions", () => {
  it("are listed, one's own and everybody's, and ended", async () => {
    await add("sara", "engineer");
    const [here, there] = [await logIn("sara"), await logIn("sara", PASSWORD, replica)];
    const own = (await here("ownSessions", {})).body;
    expect(own).toHaveLength(2);
    expect(own.map(({ current }) => current).toSorted()).toEqual([false, true]);
    expect(own.every(({ address }) => address?.startsWith("10.0.0.") === true)).toBe(true);
    const [latest] = (await admin("sessions", { query: { limit: 1 } })).body;
    const other = own.find(({ current }) => !current);
    expect(latest?.person).toBe("sara");
    const mine = await server.person("engineer");
    const foreign = { params: { id: other?.id ?? "" } };
    expect(await refusal(mine("endOwnSession", foreign))).toBe("404 request.not_found");
    expect((await here("endOwnSession", foreign)).status).toBe(204);
    expect(await refusal(there("session", {}))).toBe("401 auth.required");
    expect(await refusal(here("endOwnSession", foreign))).toBe("404 request.not_found");
    const id = own.find(({ current }) => current)?.id ?? "";
    await admin("endSession", { params: { id }, body: because });
    expect(await refusal(here("session", {}))).toBe("401 auth.required");
    expect(await refusal(mine("sessions", {}))).toBe("403 auth.forbidden");
    await logIn("sara");
    const ended = await admin("endPersonSessions", { params: { id: "sara" }, body: because });
    expect(ended.body).toEqual({ sessions: 1, tokens: 0 });
    const events = await eventsOf(server.platform.db.sql, "person.sessions-ended");
    expect(events.map(({ reason }) => reason)).toEqual([null, because.reason, because.reason]);
  });
});

describe("tokens", () => {
  it("that were revoked while they made another one make none", async () => {
    const { body: leaked } = await admin("addToken", {
      body: { name: "leaked", scopes: ["people:write"], days: 1, ...because },
    });
    await admin("revokeToken", { params: { id: leaked.id }, body: because });
    // As it is done once the token was let in: it may be revoked in between.
    const more = { name: "more", tokenHash: "of more", scopes: ["read"], expiresAt: null };
    const added = tokensRepository(server.platform.db).add(
      { ...more, personId: null, tokenId: leaked.id },
      BY,
    );
    await expect(added).rejects.toMatchObject({ code: "auth.revoked" });
  });

  it("do what they say until they are revoked, and give nothing beyond themselves", async () => {
    const add = (call: TestClient, name: string, scopes: readonly ("read" | "people:write")[]) =>
      call("addToken", { body: { name, scopes: [...scopes], days: 1 } });
    const { body: made } = await add(admin, "hr", ["people:write"]);
    expect(made).toMatchObject({ state: "valid", createdBy: "test-admin", lastUsedAt: null });
    const hr = server.client({ authorization: `Bearer ${made.secret}` });
    expect(await refusal(add(hr, "more", ["read"]))).toBe("403 auth.forbidden");
    expect((await add(hr, "same", ["people:write"])).status).toBe(201);
    const listed = (await hr("tokens", {})).body;
    expect(listed.find(({ name }) => name === "hr")?.lastUsedAt).not.toBeNull();
    expect(JSON.stringify(listed)).not.toContain("flt_");
    const revoke = () => admin("revokeToken", { params: { id: "hr" }, body: because });
    expect((await revoke()).body).toMatchObject([{ name: "hr", state: "revoked" }]);
    expect(await refusal(hr("tokens", {}))).toBe("401 auth.revoked");
    expect((await revoke()).status).toBe(200);
    const nobody = admin("revokeToken", { params: { id: "nobody" }, body: because });
    expect(await refusal(nobody)).toBe("404 request.not_found");
    const all = (await admin("tokens", { query: { state: "all" } })).body;
    expect(all.map(({ name, state }) => `${name} ${state}`)).toContain("hr revoked");
  });
});

describe("who is disabled", () => {
  it("is out at once on every replica, with sessions and the tokens that they made", async () => {
    await add("gabi", "admin");
    const [here, there] = [await logIn("gabi"), await logIn("gabi", PASSWORD, replica)];
    const { body: token } = await here("addToken", {
      body: { name: "gabis", scopes: ["read"], days: null },
    });
    const program = replica.client({ authorization: `Bearer ${token.secret}` });
    expect((await program("products", {})).status).toBe(200);
    const { body: maker } = await here("addToken", {
      body: { name: "gabis-2", scopes: ["people:write"], days: 1 },
    });
    const { body: made } = await server.client({ authorization: `Bearer ${maker.secret}` })(
      "addToken",
      { body: { name: "made-by-gabis-2", scopes: ["people:write"], days: null } },
    );
    const offspring = server.client({ authorization: `Bearer ${made.secret}` });
    expect((await offspring("tokens", {})).status).toBe(200);
    const { body } = await admin("disablePerson", { params: { id: "gabi" }, body: because });
    expect(body).toMatchObject({ ended: { sessions: 2, tokens: 3 }, sessions: 0, tokens: 0 });
    expect(body.disabledAt).not.toBeNull();
    expect(await refusal(here("session", {}))).toBe("401 auth.required");
    expect(await refusal(there("session", {}))).toBe("401 auth.required");
    expect(await refusal(program("products", {}))).toBe("401 auth.revoked");
    expect(await refusal(offspring("tokens", {}))).toBe("401 auth.revoked");
    expect(await mayLogIn("gabi")).toBe("auth.wrong");
    const again = await admin("disablePerson", { params: { id: "gabi" }, body: because });
    expect(again.body.ended).toEqual({ sessions: 0, tokens: 0 });
    await admin("enablePerson", { params: { id: "gabi" }, body: because });
    expect(await mayLogIn("gabi")).toBe("in");
    expect(await refusal(program("products", {}))).toBe("401 auth.revoked");
    const told = await eventsOf(server.platform.db.sql, "person.%abled");
    expect(told.map(({ kind, reason }) => [kind, reason])).toEqual([
      ["person.disabled", because.reason],
      ["person.enabled", because.reason],
    ]);
  });

  it("hears nothing any more from a poll that was waiting", async () => {
    await add("hans", "engineer");
    const hans = await logIn("hans");
    const { body } = await hans("feed", { query: { limit: 1000 } });
    const after = body.events.at(-1)?.position ?? 0;
    const waiting = refusal(hans("feed", { query: { after, waitMs: 1_000 } }));
    await admin("disablePerson", { params: { id: "hans" }, body: because });
    expect(await waiting).toBe("401 auth.required");
  });

  it("is not let in by a log-in of the same moment", async () => {
    for (let round = 0; round < 5; round += 1) {
      const name = `race-${round}`;
      await add(name, "engineer");
      await Promise.all([
        mayLogIn(name),
        admin("disablePerson", { params: { id: name }, body: because }),
      ]);
      const { body } = await admin("person", { params: { id: name } });
      expect(body.openSessions).toEqual([]);
    }
  });
});

describe("the last admin", () => {
  /** A server whose only admins are these. */
  async function withAdmins(names: readonly string[]) {
    const { sql } = server.platform.db;
    await sql.execute("UPDATE person SET role = 'engineer' WHERE role = 'admin'");
    for (const name of names) {
      await sql.execute(
        `INSERT INTO person (id, name, role, password_hash) VALUES (gen_random_uuid(), $1, 'admin', 'x')
         ON CONFLICT (name) DO UPDATE SET role = 'admin', disabled_at = NULL`,
        [name],
      );
    }
  }
  const boss = async (on: TestServer) => on.token("people:write");

  it("is neither disabled nor demoted, also not by the last but one who has no password", async () => {
    await withAdmins(["a1"]);
    const call = await boss(server);
    const params = { id: "a1" };
    const disable = () => refusal(call("disablePerson", { params, body: because }));
    expect(await disable()).toBe("409 people.last_admin");
    const role = { role: "engineer", ...because } as const;
    expect(await refusal(call("setPersonRole", { params, body: role }))).toBe(
      "409 people.last_admin",
    );
    await call("addPerson", { body: { name: "a2", role: "admin" } });
    expect(await disable()).toBe("409 people.last_admin");
    const password = { password: PASSWORD, ...because };
    await call("setPassword", { params: { id: "a2" }, body: password });
    expect(await disable()).toBe("answered");
    await expect(eraseName(server.platform.db, "a2", BY)).rejects.toThrow("only admin");
  });

  it("stays, whatever two replicas are asked in the same moment", async () => {
    const calls = [await boss(server), await boss(replica)] as const;
    for (let round = 0; round < 12; round += 1) {
      await withAdmins(["b1", "b2"]);
      const answers = await Promise.all(
        calls.map((call, i) => {
          const params = { id: `b${i + 1}` };
          return refusal(
            round % 2 === 0
              ? call("disablePerson", { params, body: because })
              : call("setPersonRole", { params, body: { role: "firmware", ...because } }),
          );
        }),
      );
      expect(answers.toSorted()).toEqual(["409 people.last_admin", "answered"]);
      const left = await server.platform.db.sql.query(
        "SELECT FROM person WHERE role = 'admin' AND disabled_at IS NULL",
      );
      expect(left).toHaveLength(1);
    }
  });
});
