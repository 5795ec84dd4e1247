import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { postgresAccount } from "./account.ts";
import { installedBinaries, reachableBinaries } from "./binaries.ts";
import { startEmbedded } from "./cluster.ts";
import { isClusterRunning } from "./left-over.ts";

let data: string;
beforeEach(() => {
  const folder = mkdtempSync(path.join(tmpdir(), "flashline-embedded-"));
  // Else the cluster of a test that runs as root would be outside, and stay there.
  chmodSync(folder, 0o711);
  data = path.join(folder, "data");
});
afterEach(() => rmSync(path.dirname(data), { recursive: true, force: true }));

async function query(url: string, text: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(text);
    return Object.values(rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

const alive = (url: string) =>
  query(url, "SELECT 1").then(
    () => true,
    () => false,
  );

const STARTER = `
  const { startEmbedded } = await import(process.argv[1]);
  const cluster = await startEmbedded({ data: process.argv[2] });
  process.stdout.write(cluster.url);
  setInterval(() => {}, 1000);`;

test("adopts the cluster of a killed server with its data, starts it again when it is killed itself, and stops it", async () => {
  const child = spawn(
    process.execPath,
    [
      "--import",
      "tsx",
      "--conditions=source",
      "--input-type=module",
      "-e",
      STARTER,
      new URL("./cluster.ts", import.meta.url).href,
      data,
    ],
    { stdio: ["ignore", "pipe", "inherit"], cwd: path.dirname(new URL(import.meta.url).pathname) },
  );
  const [url] = await once(child.stdout, "data").then(([bytes]) => [String(bytes)]);
  await query(url ?? "", "CREATE TABLE kept AS SELECT 42 AS answer");
  child.kill("SIGKILL");
  await once(child, "exit");

  const adopted = await startEmbedded({ data });
  expect(adopted).toMatchObject({ adopted: true, url });
  expect(await query(adopted.url, "SELECT answer FROM kept")).toBe(42);

  const folder = String(await query(adopted.url, "SHOW data_directory"));
  const postmaster = readFileSync(path.join(folder, "postmaster.pid"), "utf8");
  process.kill(Number(postmaster.split("\n")[0]), "SIGKILL");
  await expect
    .poll(() => query(adopted.url, "SELECT answer FROM kept").catch(() => 0), { timeout: 20_000 })
    .toBe(42);
  await adopted.stop();
  expect(await alive(adopted.url)).toBe(false);
});

test("a server and a command that begin at once share a cluster, which is closed to others; the last one stops it", async () => {
  const both = await Promise.all([startEmbedded({ data }), startEmbedded({ data })]);
  const [command, server] = both[0].adopted ? [both[1], both[0]] : both;
  expect([command.adopted, server.adopted]).toEqual([false, true]);
  await command.stop();
  expect(await query(server.url, "SHOW listen_addresses")).toBe("127.0.0.1");
  const wrong = server.url.replace(/:[^:@]+@/, ":guess@");
  await expect(query(wrong, "SELECT 1")).rejects.toThrow("password authentication failed");
  expect(statSync(path.join(data, "secrets", "postgres-password")).mode & 0o777).toBe(0o600);
  expect(await alive(server.url)).toBe(true);
  await server.stop();
  expect(await alive(server.url)).toBe(false);
  const again = await startEmbedded({ data });
  expect(again.adopted).toBe(false);
  await again.stop();
});

test("a start that is given up, or that PostgreSQL takes too long for, leaves no PostgreSQL", async () => {
  const real = reachableBinaries(installedBinaries(), postgresAccount());
  const slow = path.join(path.dirname(data), "bin");
  mkdirSync(slow);
  const script = (name: string, text: string) =>
    writeFileSync(path.join(slow, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  for (const name of ["initdb", "postgres"]) script(name, `exec ${real}/${name} "$@"`);
  // What it answers when PostgreSQL has not said within its time that it is ready.
  script("pg_ctl", `${real}/pg_ctl "$@"; [ "$1" != start ]`);
  await expect(startEmbedded({ data, binaries: slow })).rejects.toThrow("pg_ctl failed");
  expect(isClusterRunning(data)).toBe(false);

  const giveUp = new AbortController();
  const starting = startEmbedded({ data, signal: giveUp.signal });
  await expect.poll(() => isClusterRunning(data), { timeout: 20_000, interval: 5 }).toBe(true);
  giveUp.abort();
  await expect(starting).rejects.toBe(giveUp.signal.reason);
  expect(isClusterRunning(data)).toBe(false);
  const again = await startEmbedded({ data });
  expect(again.adopted).toBe(false);
  await again.stop();
}, 90_000);

test("a folder that was copied opens its own database, a copy of a running one none, and another major version's is not touched", async () => {
  const first = await startEmbedded({ data });
  await query(first.url, "CREATE TABLE kept AS SELECT 1 AS answer");
  const torn = path.join(path.dirname(data), "torn");
  cpSync(data, torn, { recursive: true });
  await expect(startEmbedded({ data: torn })).rejects.toThrow("while its PostgreSQL ran");
  await first.stop();

  const copy = path.join(path.dirname(data), "copy");
  cpSync(data, copy, { recursive: true });
  // As an earlier version wrote it.
  writeFileSync(path.join(copy, "postgres.path"), `${path.join(data, "postgres")}\n`);
  const copied = await startEmbedded({ data: copy });
  expect(await query(copied.url, "SHOW data_directory")).toBe(path.join(copy, "postgres", "data"));
  await query(copied.url, "UPDATE kept SET answer = 2");
  await copied.stop();
  const again = await startEmbedded({ data });
  expect(await query(again.url, "SELECT answer FROM kept")).toBe(1);
  await again.stop();

  const version = path.join(copy, "postgres", "data", "PG_VERSION");
  writeFileSync(version, "17\n");
  const before = readdirSync(copy, { recursive: true });
  await expect(startEmbedded({ data: copy })).rejects.toMatchObject({
    code: "config.invalid",
    message: expect.stringMatching(
      /made by PostgreSQL 17.*Nothing was changed.*flashline-server restore/,
    ),
  });
  expect(readdirSync(copy, { recursive: true })).toEqual(before);

  // Without its database it would open the other folder's.
  rmSync(path.join(copy, "postgres"), { recursive: true });
  writeFileSync(path.join(copy, "postgres.path"), `${path.join(data, "postgres")}\n`);
  await expect(startEmbedded({ data: copy })).rejects.toThrow("is a copy of");
}, 90_000);

// Only root starts PostgreSQL as somebody else.
if (process.getuid?.() === 0) {
  test("runs as root under a folder that only root may enter", async () => {
    const closed = mkdtempSync(path.join(tmpdir(), "flashline-closed-"));
    expect(statSync(closed).mode & 0o777).toBe(0o700);
    const cluster = await startEmbedded({ data: path.join(closed, "data") });
    const folder = String(await query(cluster.url, "SHOW data_directory"));
    expect(folder.startsWith(closed)).toBe(false);
    await cluster.stop();
    // Moved, it keeps its cluster; a copy of it has none.
    const moved = path.join(closed, "moved");
    renameSync(path.join(closed, "data"), moved);
    const again = await startEmbedded({ data: moved });
    expect(await query(again.url, "SHOW data_directory")).toBe(folder);
    await again.stop();
    cpSync(moved, path.join(closed, "data"), { recursive: true });
    const copied = startEmbedded({ data: path.join(closed, "data") });
    await expect(copied).rejects.toThrow(`is a copy of ${moved}`);
    rmSync(path.dirname(folder), { recursive: true });
    rmSync(closed, { recursive: true });
  });
}
