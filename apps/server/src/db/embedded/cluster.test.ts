import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startEmbedded } from "./cluster.ts";

let data: string;
beforeEach(() => {
  data = path.join(mkdtempSync(path.join(tmpdir(), "flashline-embedded-")), "data");
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

// Only root starts PostgreSQL as somebody else.
if (process.getuid?.() === 0) {
  test("runs as root under a folder that only root may enter", async () => {
    const closed = mkdtempSync(path.join(tmpdir(), "flashline-closed-"));
    expect(statSync(closed).mode & 0o777).toBe(0o700);
    const cluster = await startEmbedded({ data: path.join(closed, "data") });
    const folder = String(await query(cluster.url, "SHOW data_directory"));
    expect(folder.startsWith(closed)).toBe(false);
    await cluster.stop();
    rmSync(path.dirname(folder), { recursive: true });
    rmSync(closed, { recursive: true });
  });
}
