import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Client, createClient, type Role, type TokenScope } from "@flashline/contract";
import { pino } from "pino";
import { buildApp } from "../app.ts";
import { hashSecret, newSecret, SecretKind } from "../auth/secrets.ts";
import { readConfig } from "../config/config.ts";
import type { App } from "../http/server.ts";
import { SESSION_COOKIE } from "../http/session-cookie.ts";
import { newId } from "../ids.ts";
import { openPlatform, type Platform } from "../platform.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";
import { type Seed, type SeededStation, seed, seedStation } from "./seed.ts";

export interface TestServerOptions {
  /** Queues and bus on this Redis instead of PostgreSQL. */
  readonly redisUrl?: string;
  /** Another replica of a server that runs: its database and data folder, not seeded again. */
  readonly replicaOf?: TestServer;
  /** Routes only; no queue workers. */
  readonly idle?: boolean;
  /** Of one caller; the server's own limit when not given. */
  readonly requestsPerMinute?: number;
  /** How often another certificate is looked for, milliseconds. */
  readonly tlsLookMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

export type TestClient = Client<AbortSignal>;

/** A whole server on real PostgreSQL, driven through `inject`: same routes, same answers, no port. */
export interface TestServer {
  readonly app: App;
  readonly platform: Platform;
  readonly seed: Seed;
  readonly database: TestDatabase;
  readonly dataFolder: string;
  /** Calls as nobody, or with these headers. Rejects with RefusedError as a client elsewhere would. */
  client(headers?: Readonly<Record<string, string>>): TestClient;
  /** Calls as a station; default: the seeded one. */
  station(station?: SeededStation): TestClient;
  /** Calls as a person that is logged in; made at first use. */
  person(role: Role): Promise<TestClient>;
  /** Calls with an API token that has these scopes. */
  token(...scopes: readonly TokenScope[]): Promise<TestClient>;
  /** Such a token itself. */
  tokenSecret(...scopes: readonly TokenScope[]): Promise<string>;
  /** Another station of the seeded line, on the seeded work order. */
  addStation(name: string, nests?: number): Promise<SeededStation>;
  close(): Promise<void>;
}

const ORIGIN = "http://flashline.test";

function injected(app: App, headers: Readonly<Record<string, string>>): TestClient {
  return createClient<AbortSignal>({
    baseUrl: "",
    headers: () => ({ ...headers }),
    async fetch(url, init) {
      const answer = await app.inject({
        method: init.method as "GET" | "POST" | "PUT" | "DELETE",
        url,
        headers: { host: new URL(ORIGIN).host, ...init.headers },
        ...(init.body === undefined
          ? {}
          : { payload: typeof init.body === "string" ? init.body : Buffer.from(init.body) }),
        ...(init.signal === undefined ? {} : { signal: init.signal }),
      });
      return { status: answer.statusCode, text: () => Promise.resolve(answer.body) };
    },
  });
}

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { replicaOf } = options;
  const database = replicaOf?.database ?? (await createTestDatabase());
  const dataFolder = replicaOf?.dataFolder ?? mkdtempSync(path.join(tmpdir(), "flashline-server-"));
  const config = readConfig({
    FLASHLINE_DATA: dataFolder,
    DATABASE_URL: database.url,
    REDIS_URL: options.redisUrl,
    ...options.environment,
  });
  const log = pino({ level: process.env["FLASHLINE_TEST_LOG"] ?? "silent" });
  const platform = await openPlatform(config, log);
  const seeded = replicaOf?.seed ?? (await seed(platform));
  const app = await buildApp(platform, {
    idle: options.idle ?? false,
    ...(options.tlsLookMs === undefined ? {} : { tlsLookMs: options.tlsLookMs }),
    ...(options.requestsPerMinute === undefined
      ? {}
      : { requestsPerMinute: options.requestsPerMinute }),
  });
  await app.ready();
  const people = new Map<Role, Promise<TestClient>>();
  const logIn = async (role: Role): Promise<TestClient> => {
    const secret = newSecret(SecretKind.Session);
    await platform.db.prisma.person.upsert({
      where: { name: `test-${role}` },
      update: {},
      create: { id: newId(), name: `test-${role}`, role, passwordHash: "nobody logs in with this" },
    });
    const person = await platform.db.prisma.person.findUniqueOrThrow({
      where: { name: `test-${role}` },
    });
    await platform.db.prisma.session.create({
      data: {
        id: newId(),
        personId: person.id,
        tokenHash: hashSecret(secret),
        expiresAt: new Date(Date.now() + 3_600_000),
      },
    });
    return injected(app, { cookie: `${SESSION_COOKIE}=${secret}`, origin: ORIGIN });
  };
  const tokenSecret = async (scopes: readonly TokenScope[]): Promise<string> => {
    const secret = newSecret(SecretKind.ApiToken);
    await platform.db.prisma.apiToken.create({
      data: { id: newId(), name: "test", tokenHash: hashSecret(secret), scopes: [...scopes] },
    });
    return secret;
  };
  return {
    app,
    platform,
    seed: seeded,
    database,
    dataFolder,
    client: (headers = {}) => injected(app, headers),
    station: (station = seeded.station) =>
      injected(app, { authorization: `Bearer ${station.credential}`, "flashline-protocol": "1" }),
    person(role) {
      const known = people.get(role) ?? logIn(role);
      people.set(role, known);
      return known;
    },
    token: async (...scopes) =>
      injected(app, { authorization: `Bearer ${await tokenSecret(scopes)}` }),
    tokenSecret: (...scopes) => tokenSecret(scopes),
    addStation: (name, nests = 4) =>
      seedStation(platform, seeded.lineId, name, nests, seeded.workOrderId),
    async close() {
      await app.close();
      await platform.close();
      if (replicaOf !== undefined) return;
      await database.drop();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}
