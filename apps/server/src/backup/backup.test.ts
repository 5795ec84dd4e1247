import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { SMTPServer } from "smtp-server";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { withClient } from "../chaos/postgres-process.ts";
import { isClusterRunning } from "../db/embedded/left-over.ts";
import { newId } from "../ids.ts";
import { LINK_FAILURE, lineOf } from "../jobs/testing.ts";
import { blobPath } from "../storage/blobs.ts";
import { folderBlobs } from "../storage/folder.ts";
import { openVault } from "../storage/vault.ts";
import { createTestDatabase, type TestDatabase } from "../testing/database.ts";
import { eventually } from "../testing/refusal.ts";
import { SEED_NAMES } from "../testing/seed.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";
import { startEndpoint } from "../webhooks/testing.ts";
import { backUp } from "./backup.ts";
import { drill, SENDS_NOTHING } from "./drill.ts";
import type { Manifest } from "./manifest.ts";
import { restore } from "./restore.ts";
import { readRestored } from "./restored.ts";

/** A test that starts processes takes seconds; on a busy machine many. Milliseconds. */
const PROCESSES_MS = 120_000;
const PATIENCE_MS = 60_000;

/** Everything that could upset a format of lines and tabs. */
const NASTY = 'tab\t line\n return\r back\\slash \\N "quotes" ü 🔥 \u0001';

let server: TestServer;
let folder: string;
/** Taken once; tests that spoil it spoil a copy. */
let backup: string;
let manifest: Manifest;
/** Empty, and stays so. */
let untouched: TestDatabase;
const at = (name: string) => path.join(folder, name);
const source = (dataFolder = server.dataFolder, url = server.database.url) => ({
  url,
  embedded: false,
  dataFolder,
  blobs: folderBlobs(path.join(dataFolder, "images")),
});

/** Somebody's endpoint and mail server, which a copy of the server must not call. */
let endpoint: Awaited<ReturnType<typeof startEndpoint>>;
let mails = 0;
const smtp = new SMTPServer({
  authOptional: true,
  onConnect(_session, done) {
    mails += 1;
    done();
  },
});
let senders: Readonly<Record<string, string>>;

beforeAll(async () => {
  endpoint = await startEndpoint();
  smtp.listen(0, "127.0.0.1");
  await once(smtp.server, "listening");
  senders = {
    FLASHLINE_WEBHOOK_LOOPBACK: "true",
    FLASHLINE_SMTP_URL: `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}?ignoreTLS=true`,
    FLASHLINE_MAIL_FROM: "flashline@plant.example",
    FLASHLINE_SERVER: "http://flashline.plant.example",
  };
  // What it has to send waits, and is in the back-up. It lives longer than a drill.
  server = await startTestServer({ environment: { ...senders, ...SENDS_NOTHING } });
  const admin = await server.person("admin");
  await admin("addWebhook", { body: { name: "mes", url: endpoint.url, kinds: ["*"] } });
  await admin("addRecipient", { body: { address: "lead@plant.example" } });
  await server.station()("callLead", { body: { nest: "A" } });
  await lineOf(server).flash("SN00000001");
  await lineOf(server).flash("SN00000002", { ...LINK_FAILURE, detail: NASTY });
  const engineer = await server.token("orders:write", "read");
  const { product } = SEED_NAMES;
  const body = { product, name: "number", kind: "counter", first: 1000, last: 1999 } as const;
  await engineer("addRange", { body });
  const waits = () =>
    server.platform.db.sql.query(
      "SELECT FROM alarm_mail, (SELECT FROM webhook, ledger LIMIT 1) sealed WHERE next_try_at <= now()",
    );
  const rows = await eventually(waits, (found) => found.length > 0, 20_000);
  expect(rows.length).toBeGreaterThan(0);
  const base = mkdtempSync(path.join(tmpdir(), "flashline-backup-"));
  backup = path.join(base, "backup");
  manifest = await backUp(source(), backup, true);
  untouched = await createTestDatabase({ empty: true });
});
afterAll(async () => {
  await untouched.drop();
  await server.close();
  await endpoint.close();
  await new Promise<void>((done) => smtp.close(() => done()));
  rmSync(path.dirname(backup), { recursive: true, force: true });
});
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "flashline-restore-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const toDatabase = (database: TestDatabase, more: object = {}) =>
  restore({
    from: backup,
    dataFolder: at("data"),
    databaseUrl: database.url,
    replace: false,
    skipNumbers: 0,
    ...more,
  });

const tablesIn = (url: string): Promise<number> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ n: number }>(
      "SELECT count(*)::int AS n FROM pg_class WHERE relnamespace = 'public'::regnamespace",
    );
    return rows[0]?.n ?? -1;
  });

async function withEmpty(work: (database: TestDatabase) => Promise<void>): Promise<void> {
  const database = await createTestDatabase({ empty: true });
  try {
    await work(database);
  } finally {
    await database.drop();
  }
}

test("holds every table but those that a crash empties, the images and the key, for its owner alone", async () => {
  const tables = await withClient(server.database.url, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('_prisma_migrations', 'tries')",
    );
    return rows.map(({ name }) => name);
  });
  expect(manifest.tables.map(({ name }) => name).sort()).toEqual(tables.sort());
  expect(manifest.tables.find(({ name }) => name === "attempt")?.rows).toBe(2);
  const paths = manifest.files.map((file) => file.path);
  expect(paths).toContain(`images/${blobPath(server.seed.imageSha256)}`);
  expect(paths).toContain("secrets/unit-secrets.key");
  for (const name of readdirSync(backup, { recursive: true, encoding: "utf8" })) {
    const { mode } = statSync(path.join(backup, name));
    expect([0o600, 0o700]).toContain(mode & 0o777);
  }
  expect(existsSync(`${backup}.partial`)).toBe(false);
});

test("a server on the restored data has all of it, goes on counting, and knows where it came from", () =>
  withEmpty(async (database) => {
    await toDatabase(database, { skipNumbers: 25 });
    const again = await backUp(source(at("data"), database.url), at("again"), true);
    const digests = (of: Manifest, but: readonly string[]) =>
      of.tables
        .filter(({ name }) => !but.includes(name))
        .map(({ name, rows, sha256 }) => ({ name, rows, sha256 }));
    const written = ["ledger_open", "number_range"];
    expect(digests(again, written)).toEqual(digests(manifest, written));
    const images = (of: Manifest) => of.files.filter((file) => file.path.startsWith("images/"));
    expect(images(again)).toEqual(images(manifest));
    const [before, after] = await Promise.all(
      [server.dataFolder, at("data")].map((data) => openVault(undefined, data)),
    );
    const sealed = before?.seal("unit/key", "secret") ?? Buffer.alloc(0);
    expect(after?.open("unit/key", sealed)).toBe("secret");
    await withClient(database.url, async (client) => {
      const { rows } = await client.query(
        `SELECT (SELECT detail FROM attempt WHERE outcome = 'FAIL') AS detail,
                (SELECT next::int FROM number_range) AS next,
                (SELECT data->>'version' FROM ledger_open WHERE kind = 'server.restored') AS version,
                nextval('outbox_id_seq')::int AS id`,
      );
      const source = manifest.sequences.find(({ name }) => name === "outbox_id_seq");
      expect(rows[0]).toEqual({
        detail: NASTY,
        next: 1025,
        version: manifest.version,
        id: Number(source?.value) + 1,
      });
    });
    expect(await readRestored(at("data"))).toMatchObject({ backedUpAt: manifest.createdAt });
  }));

test("a drill restores into PostgreSQL of its own, finds all as it was, starts a server that sends nothing, and leaves nothing", {
  timeout: PROCESSES_MS,
}, async () => {
  const began = performance.now();
  const report = await drill(backup, folder, pino({ level: "silent" }), senders);
  process.stderr.write(`drill: ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
  // Neither the drill nor the server that it copied, which was started in the same way and has been waiting for longer.
  expect([endpoint.got, mails]).toEqual([[], 0]);
  expect(report).toMatchObject({ images: 1, leftOut: [] });
  expect(report.ready).toContain('"database":"ok"');
  expect(report.rows).toBe(manifest.tables.reduce((sum, { rows }) => sum + rows, 0));
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ["a table that was cut off", () => truncateSync(at("spoilt/database/attempt.copy.gz"), 40)],
  [
    "an image with one other bit",
    () => {
      const file = path.join(at("spoilt/images"), blobPath(server.seed.imageSha256));
      const bytes = readFileSync(file);
      bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
      writeFileSync(file, bytes);
    },
  ],
  ["a file that is missing", () => rmSync(at("spoilt/database/unit.copy.gz"))],
  ["no manifest", () => rmSync(at("spoilt/manifest.json"))],
  ["half a manifest", () => truncateSync(at("spoilt/manifest.json"), 500)],
  ["a path that leads out", () => change((text) => text.replace(/images\/../, "images/../.."))],
  ["a table less than it counts", () => change((text) => text.replace(/"rows": 2,/, '"rows": 3,'))],
  [
    "a migration of a newer version",
    () => change((text) => text.replace("0004_doors", "9004_doors")),
  ],
])("%s is found before anything is written", async (_what, spoil) => {
  cpSync(backup, at("spoilt"), { recursive: true });
  spoil();
  await expect(toDatabase(untouched, { from: at("spoilt") })).rejects.toMatchObject({
    code: "backup.unusable",
  });
  expect(readdirSync(folder)).toEqual(["spoilt"]);
  expect(await tablesIn(untouched.url)).toBe(0);
});
function change(edit: (text: string) => string): void {
  const file = at("spoilt/manifest.json");
  const text = readFileSync(file, "utf8");
  const edited = edit(text);
  expect(edited).not.toBe(text);
  writeFileSync(file, edited);
}

test("nothing is replaced unasked; a folder that is replaced is set aside", () =>
  withEmpty(async (database) => {
    mkdirSync(at("data"));
    writeFileSync(at("data/precious"), "1");
    const refused = { code: "backup.target" };
    await expect(toDatabase(database)).rejects.toMatchObject(refused);
    expect(readdirSync(folder)).toEqual(["data"]);
    const occupied = { databaseUrl: server.database.url, replace: true };
    await expect(toDatabase(database, occupied)).rejects.toThrow("The database is not empty");
    expect(readdirSync(at("data"))).toEqual(["precious"]);
    await expect(backUp(source(), at("data"), true)).rejects.toMatchObject(refused);
    await expect(backUp(source(), at("no/where"), true)).rejects.toMatchObject(refused);
    const { setAside = "" } = await toDatabase(database, { replace: true });
    expect(readdirSync(setAside)).toEqual(["precious"]);
    expect(readdirSync(at("data")).sort()).toEqual(["images", "restored.json", "secrets"]);
  }));

test("an image that the folder lacks is told, and the rest is backed up", async () => {
  mkdirSync(at("images"));
  const backedUp = await backUp(source(folder), at("backup"), false);
  expect(backedUp.missingImages).toEqual([server.seed.imageSha256]);
  expect(backedUp.files).toHaveLength(backedUp.tables.length);
});

/** The command as a process. */
function command(args: readonly string[], environment: object): ChildProcess {
  const bin = fileURLToPath(new URL("../../bin/flashline-server.js", import.meta.url));
  const { PATH, HOME } = process.env;
  return spawn(process.execPath, [bin, ...args], {
    env: { PATH, HOME, ...environment },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

test("a back-up that is killed leaves none, and the next one clears its pieces away", {
  timeout: PROCESSES_MS,
}, async () => {
  const environment = { FLASHLINE_DATA: server.dataFolder, DATABASE_URL: server.database.url };
  await withClient(server.database.url, async (client) => {
    await client.query("BEGIN");
    // Some tables are written when it comes to this one.
    await client.query("LOCK TABLE work_order IN ACCESS EXCLUSIVE MODE");
    const child = command(["backup", "--to", at("nightly")], environment);
    await eventually(
      () => Promise.resolve(existsSync(at("nightly.partial/database/plant.copy.gz"))),
      (there) => there,
      PATIENCE_MS,
    );
    await kill(child);
    await client.query("ROLLBACK");
  });
  expect(readdirSync(folder)).toEqual(["nightly.partial"]);
  const again = await backUp(source(), at("nightly"), true);
  expect(again.tables).toHaveLength(manifest.tables.length);
  expect(readdirSync(folder)).toEqual(["nightly"]);
});

// It makes two clusters. By day the killed back-up stands for what is killed, and the drill for the restore.
if (process.env["FLASHLINE_NIGHTLY"] !== undefined) {
  test("a restore that is killed leaves no data folder, and the next one ends its PostgreSQL and clears its pieces away", {
    timeout: PROCESSES_MS,
  }, async () => {
    // As its embedded PostgreSQL sees it: not below a folder that is closed to that account.
    const base = path.join(tmpdir(), `flashline-killed-${newId()}`);
    mkdirSync(base, { mode: 0o755 });
    const data = path.join(base, "data");
    const partial = `${data}.restoring`;
    try {
      const child = command(["restore", "--from", backup, "--data", data], {});
      await eventually(
        () => Promise.resolve(existsSync(partial) && isClusterRunning(partial)),
        (runs) => runs,
        PATIENCE_MS,
      );
      const postmaster = path.join(partial, "postgres/data/postmaster.pid");
      const pid = Number(readFileSync(postmaster, "utf8").split("\n")[0]);
      await kill(child);
      expect(readdirSync(base)).toEqual(["data.restoring"]);
      const options = { from: backup, dataFolder: data, replace: false, skipNumbers: 0 };
      await restore({ ...options, databaseUrl: undefined });
      expect(readdirSync(base)).toEqual(["data"]);
      expect(existsSync(`/proc/${pid}`)).toBe(false);
      expect(isClusterRunning(data)).toBe(false);
    } finally {
      rmSync(base, { recursive: true, force: true });
    }
  });
}
