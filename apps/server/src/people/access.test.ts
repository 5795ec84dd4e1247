import { ENDPOINTS, type Endpoint, Role, TokenScope } from "@flashline/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hashSecret, newSecret, SecretKind } from "../auth/secrets.ts";
import { SESSION_COOKIE } from "../http/session-cookie.ts";
import { newId } from "../ids.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ idle: true });
});
afterAll(() => server.close());

interface Tried {
  readonly who: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly may: (endpoint: Endpoint) => boolean;
}

async function sessionOf(role: Role): Promise<string> {
  const secret = newSecret(SecretKind.Session);
  const { sql } = server.platform.db;
  const id = newId();
  await sql.execute("INSERT INTO person (id, name, role) VALUES ($1, $2, $2)", [id, role]);
  await sql.execute(
    "INSERT INTO session (id, token_hash, person_id, expires_at) VALUES ($1, $2, $3, now() + interval '1 hour')",
    [newId(), hashSecret(secret), id],
  );
  return secret;
}

async function everybody(): Promise<readonly Tried[]> {
  const people = Object.values(Role).map(async (role): Promise<Tried> => {
    const cookie = `${SESSION_COOKIE}=${await sessionOf(role)}`;
    return {
      who: role,
      headers: { cookie, origin: "http://flashline.test" },
      may: ({ access }) => access.kind === "people" && access.roles.includes(role),
    };
  });
  const tokens = Object.values(TokenScope).map(
    async (scope): Promise<Tried> => ({
      who: `token with ${scope}`,
      headers: { authorization: `Bearer ${await server.tokenSecret(scope)}` },
      may: ({ access }) => access.kind === "people" && access.scopes.includes(scope),
    }),
  );
  const station: Tried = {
    who: "station",
    headers: { authorization: `Bearer ${server.seed.station.credential}` },
    may: ({ access }) => access.kind === "station",
  };
  return [...(await Promise.all([...people, ...tokens])), station];
}

const ID = "01a20374-f59e-75d7-857a-6e9a0df5e633";
const REFUSED = /"code":"auth\.(required|forbidden|revoked)"/;
/** They end the session or the credential with which the next operations are asked. */
const ENDS_ITSELF = new Set(["logout"]);

test("every operation lets in whom the table lets in, and refuses everybody else", async () => {
  const wrong: string[] = [];
  let asked = 0;
  for (const { who, headers, may } of await everybody()) {
    for (const [name, endpoint] of Object.entries<Endpoint>(ENDPOINTS)) {
      if (endpoint.access.kind === "public" || ENDS_ITSELF.has(name)) continue;
      // A body that no endpoint takes: who is let in is told so, and nothing is done.
      const hasBody = endpoint.method !== "GET" && endpoint.body !== undefined;
      const answer = await server.app.inject({
        method: endpoint.method,
        url: endpoint.path.replace(/:sha256/, "0".repeat(64)).replace(/:\w+/g, ID),
        headers: {
          host: "flashline.test",
          ...headers,
          ...(hasBody ? { "content-type": "application/json" } : {}),
        },
        ...(hasBody ? { payload: "null" } : {}),
      });
      asked += 1;
      const isIn = !REFUSED.test(answer.body);
      if (isIn !== may(endpoint)) wrong.push(`${who}: ${name} answers ${answer.statusCode}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(asked).toBeGreaterThan(1_000);
});
