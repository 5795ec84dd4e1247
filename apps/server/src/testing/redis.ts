import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Redis } from "ioredis";
import { freePort } from "./ports.ts";

export interface TestRedis {
  readonly url: string;
  /** Forgets everything, as a Redis without persistence does when it restarts. */
  wipe(): Promise<void>;
  /** Ends the process; what was in it is gone. */
  down(): Promise<void>;
  /** Starts it again on the same port. */
  up(): Promise<void>;
  stop(): Promise<void>;
}

/** Debian's redis-server on a port of its own, without persistence. */
export async function startRedis(): Promise<TestRedis> {
  const folder = mkdtempSync(path.join(tmpdir(), "flashline-redis-"));
  const port = await freePort();
  const settings = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--dir", folder];
  const start = () => spawn("redis-server", settings, { stdio: "ignore" });
  let server = start();
  const end = async () => {
    server.kill("SIGTERM");
    if (server.exitCode === null) await once(server, "exit");
  };
  const url = `redis://127.0.0.1:${port}`;
  const client = new Redis(url, { maxRetriesPerRequest: 100, retryStrategy: () => 50 });
  client.on("error", () => undefined);
  await client.ping();
  return {
    url,
    async wipe() {
      await client.flushall();
    },
    down: end,
    async up() {
      server = start();
      await client.ping();
    },
    async stop() {
      client.disconnect();
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
