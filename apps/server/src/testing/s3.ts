import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "./ports.ts";

export interface TestS3 {
  /** Settings of a server that keeps its images there, below the prefix of its own that is given. */
  settings(prefix: string): Readonly<Record<string, string>>;
  /** The file that holds an object's bytes. */
  fileOf(key: string): string;
  /** As if the object had never been put. */
  forget(key: string): void;
  /** Ends the process; the objects stay. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** It takes connections and says nothing, as behind a network that was cut. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

/** The only key that s3rver knows; it checks the signatures made with it. */
const KEY = "S3RVER";
const BUCKET = "flashline";
const S3RVER = createRequire(import.meta.url).resolve("@20minutes/s3rver");

/** `s3rver` as a process of its own on a free port, with a bucket. */
export async function startS3(): Promise<TestS3> {
  const folder = mkdtempSync(path.join(tmpdir(), "flashline-s3-"));
  mkdirSync(path.join(folder, BUCKET));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const options = { silent: true, address: "127.0.0.1", port, directory: folder };
  // The package has no command of its own.
  const program =
    "const [file, options] = process.argv.slice(1); new (require(file))(JSON.parse(options)).run();";
  const args = ["-e", program, S3RVER, JSON.stringify({ ...options, vhostBuckets: false })];
  let child: ChildProcess;
  const up = async () => {
    child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
    while ((await fetch(url).catch(() => undefined)) === undefined) await pause(50);
  };
  const down = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  };
  await up();
  return {
    settings: (prefix) => ({
      FLASHLINE_BLOBS: `s3://${BUCKET}/${prefix}`,
      AWS_ENDPOINT_URL_S3: url,
      AWS_ACCESS_KEY_ID: KEY,
      AWS_SECRET_ACCESS_KEY: KEY,
    }),
    fileOf: (key) => path.join(folder, BUCKET, `${key}._S3rver_object`),
    forget(key) {
      const { dir, base } = path.parse(path.join(folder, BUCKET, key));
      for (const name of readdirSync(dir)) {
        if (name.startsWith(base)) rmSync(path.join(dir, name));
      }
    },
    down,
    up,
    freeze: () => child.kill("SIGSTOP"),
    thaw: () => child.kill("SIGCONT"),
    async stop() {
      await down();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
