import { once } from "node:events";
import { rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { isClusterRunning } from "../db/embedded/left-over.ts";
import { temporaryDataFolder } from "../testing/data-folder.ts";
import { spawnServer } from "../testing/process.ts";

/** By day one, at night up to twenty. */
const ROUNDS = Math.min(20, Math.ceil(Number(process.env["FLASHLINE_RUNS"] ?? 1000) / 1000));

test("a server that is told to stop while it starts ends at once and leaves no PostgreSQL", {
  timeout: 60_000 + ROUNDS * 60_000,
}, async () => {
  const folder = temporaryDataFolder("stop");
  const data = path.join(folder, "data");
  /** Starts it, sends the signal when `isTime`, and tells how it ended. */
  async function stopped(isTime: (output: string) => Promise<void> | undefined, toAll: boolean) {
    const child = spawnServer({ FLASHLINE_DATA: data, FLASHLINE_PORT: "0" }, true);
    let output = "";
    const time = new Promise<void>((done) => {
      const look = (chunk?: Buffer) => {
        output += chunk?.toString() ?? "";
        void isTime(output)?.then(done);
      };
      child.stdout.on("data", look);
      look();
    });
    // Why a start failed by itself.
    child.stderr.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    const closed = once(child, "close");
    await Promise.race([time, closed]);
    // Ctrl-C is for all processes of a terminal.
    process.kill(toAll ? -(child.pid ?? 0) : (child.pid ?? 0), toAll ? "SIGINT" : "SIGTERM");
    const [code, signal] = await closed;
    return { code, signal, output };
  }
  try {
    const began = performance.now();
    const whole = await stopped(
      (output) => (output.includes('"listening"') ? Promise.resolve() : undefined),
      false,
    );
    expect([whole.code, isClusterRunning(data)]).toEqual([0, false]);
    const startMs = performance.now() - began;
    for (let round = 0; round < ROUNDS; round += 1) {
      const afterMs = Math.round(Math.random() * startMs);
      const toAll = Math.random() < 0.5;
      const end = await stopped((output) => (output === "" ? pause(afterMs) : undefined), toAll);
      const how = `${toAll ? "SIGINT to all" : "SIGTERM"} after ${afterMs} of ${Math.round(startMs)} ms:\n${end.output}`;
      // Before it listens to signals it has begun nothing.
      expect(end.code ?? end.signal, how).toBeOneOf([0, "SIGTERM", "SIGINT"]);
      expect(isClusterRunning(data), how).toBe(false);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
