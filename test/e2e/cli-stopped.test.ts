import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NIGHTLY } from "../nightly.ts";
import { FLASHLINE, flashline, type Simulator, startSimulator, textOf } from "./support/command.ts";

/** Ctrl-C and SIGTERM as real signals to real processes, wherever an attempt is. */
let folder: string;
let sim: Simulator;
const file = (name: string): string => join(folder, name);
const env = () => ({ XDG_STATE_HOME: file("state") });

const FAULTS = ["busy-wedge=reset@2,silent:3", "busy-wedge=reset@10,silent:4", "unplug=24576:5"];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flashline-stopped-"));
  // Sectors 0 to 3 of an F407: 4 x 16 KiB, erased one by one and then written.
  writeFileSync(file("firmware.bin"), randomBytes(65_536));
  sim = await startSimulator([
    ...["--chip", "f407", "--units", "7", "--real-time"],
    ...FAULTS.flatMap((fault) => ["--fault", fault]),
  ]);
});
afterAll(async () => {
  await sim.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Told {
  readonly code: number | string | null;
  /** From the signal to the end of the process. */
  readonly ms: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command and sends a signal `afterMs` after the first line of that kind. */
async function told(
  args: readonly string[],
  at: RegExp,
  by: NodeJS.Signals,
  afterMs = 0,
): Promise<Told> {
  const child = spawn(process.execPath, [FLASHLINE, "dfu", ...args], {
    env: { ...process.env, ...env() },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | string | null>((resolve) =>
    child.once("exit", (code, signal) => resolve(code ?? signal)),
  );
  const texts = Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  await new Promise<void>((resolve, reject) => {
    const lines = createInterface({ input: child.stdout });
    lines.on("line", (line) => at.test(line) && resolve());
    lines.once("close", () => reject(new RangeError(`no line like ${at}`)));
  });
  await sleep(afterMs);
  const begun = performance.now();
  child.kill(by);
  const code = await ended;
  const ms = performance.now() - begun;
  const [stdout, stderr] = await texts;
  return { code, ms, stdout, stderr };
}

const flash = (busid: string, ...more: string[]) => [
  ...["flash", file("firmware.bin"), "--usbip", sim.at(busid), ...more],
];
const finished = ({ stdout }: Told): unknown => JSON.parse(stdout.trim().split("\n").at(-1) ?? "");

const ERASING = /"phase":"erase","doneBytes":16384/;
const WRITING = /"phase":"write","doneBytes":[1-9]/;

/** A phase, a signal and a wedge each; at night all of them. */
const QUICK = [
  ["in the erase", "1-1", "SIGINT", ERASING, 0, "erased"],
  ["in a silent wedge of a write", "1-4", "SIGTERM", WRITING, 2500, "half_written"],
] as const;
const MORE = [
  ["in the write", "1-2", "SIGTERM", WRITING, 0, "half_written"],
  ["in a silent wedge of an erase", "1-3", "SIGTERM", ERASING, 2500, "erased"],
  ["while it waits for a lost unit", "1-5", "SIGINT", WRITING, 2500, "half_written"],
] as const;

describe("a flash that is told to stop ends within 2 s, and the next one passes", () => {
  test.each([...QUICK, ...(NIGHTLY ? MORE : [])])(
    "%s",
    async (_, busid, by, at, afterMs, leftWith) => {
      const ended = await told(flash(busid, "--json", "--dirty"), at, by, afterMs);
      expect(ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/^Stopping\./) });
      expect(ended.ms).toBeLessThan(2000);
      expect(finished(ended)).toMatchObject({
        event: "finished",
        outcome: "FAIL",
        code: "attempt.interrupted",
        leftWith,
      });
      // A person plugs it in again, which ends a wedge too; without that the next flash waits the wedge out first.
      sim.command(`plug ${busid.slice(2)}`);
      sim.command(`powercycle ${busid.slice(2)}`);
      // It starts first, so it is not there at once.
      const next = await flashline(["dfu", ...flash(busid, "--json", "--wait", "20")], {
        env: env(),
      });
      expect(next.events).toContainEqual({ event: "dirty", path: busid, by: "note" });
      expect(next.last).toMatchObject({ outcome: "PASS", erasedSectors: 4 });
    },
  );
});

describe("told to stop", () => {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "by %s before there is a unit, it says that nothing was sent",
    async (by) => {
      // It is asked for its units and does not answer.
      const silent = createServer();
      const address = await new Promise<AddressInfo | string | null>((resolve) =>
        silent.listen(0, "127.0.0.1", () => resolve(silent.address())),
      );
      const port = typeof address === "object" ? address?.port : undefined;
      const stopped = async (command: string, ...more: string[]) => {
        const words = [FLASHLINE, "dfu", command, ...more, "--usbip", `127.0.0.1:${port}`];
        const asked = new Promise<Socket>((resolve) => silent.once("connection", resolve));
        const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"] });
        const ended = new Promise((resolve) => child.once("exit", resolve));
        const socket = await asked;
        const begun = performance.now();
        child.kill(by);
        const texts = [textOf(child.stdout), textOf(child.stderr)];
        const [code, [stdout = "", stderr]] = await Promise.all([ended, Promise.all(texts)]);
        socket.destroy();
        expect(performance.now() - begun).toBeLessThan(2000);
        return { code, stdout, stderr };
      };
      try {
        const person = await stopped("flash", file("firmware.bin"));
        expect(person).toMatchObject({ code: 3, stdout: "" });
        expect(person.stderr).toMatch(/^Stopped before anything was sent to a unit\.\n/);
        const program = await stopped("flash", file("firmware.bin"), "--json");
        expect(program).toMatchObject({ code: 3, stderr: "" });
        expect(JSON.parse(program.stdout)).toMatchObject({
          event: "refused",
          code: "attempt.cancelled",
        });
      } finally {
        silent.close();
      }
    },
  );

  test("a person reads what the unit is left with, and the capture is saved", async () => {
    const args = flash("1-6", "--dirty", "--pcapng", file("stopped.pcapng"));
    const ended = await told(args, /^Writing/, "SIGTERM");
    expect(ended.code).toBe(1);
    expect(ended.ms).toBeLessThan(2000);
    expect(ended.stdout).toMatch(/FAIL {2}attempt\.interrupted while writing/);
    expect(ended.stdout).toMatch(
      /Flash the unit again\.\n +The unit is half-written: it will not start\.\n$/,
    );
    expect(ended.stderr).toMatch(/\d+ control transfers in /);
    expect(readFileSync(file("stopped.pcapng")).length).toBeGreaterThan(4096);
  });

  test("an erase says that the unit is erased in part", async () => {
    const range = ["--address", "0x08000000", "--length", "1M"];
    const args = ["erase", ...range, "--usbip", sim.at("1-6"), "--json"];
    const ended = await told(args, /"event":"started"/, "SIGINT", 1000);
    expect(ended.code).toBe(1);
    expect(ended.ms).toBeLessThan(2000);
    expect(finished(ended)).toMatchObject({ code: "attempt.interrupted", leftWith: "erased" });
  });

  test.each(["read", "verify"])("a %s leaves the unit as it was, and no file", async (command) => {
    const path = command === "read" ? file("read.bin") : file("firmware.bin");
    const args = [command, path, "--usbip", sim.at("1-7"), "--profile", "crawl", "--json"];
    const ended = await told(args, /"event":"started"/, "SIGTERM", 200);
    expect(ended.code).toBe(1);
    expect(ended.ms).toBeLessThan(2000);
    expect(finished(ended)).toMatchObject({ code: "attempt.cancelled", leftWith: "untouched" });
    expect(existsSync(file("read.bin"))).toBe(false);
  });
});
