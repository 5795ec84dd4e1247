import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FLASHLINE, flashline, type Simulator, startSimulator, textOf } from "./support/command.ts";

/** What becomes of a unit whose command loses its reader, or its life, between erase and verify; in the datasheet's time. */
let folder: string;
let sim: Simulator;
const file = (name: string): string => join(folder, name);
const state = () => file("state");

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flashline-interrupted-"));
  // Sectors 0 to 3 of an F407: 4 x 16 KiB.
  const firmware = randomBytes(65_536);
  // Its bits are stuck at 0.
  firmware[0x100] = 0xff;
  writeFileSync(file("firmware.bin"), firmware);
  const fault = ["--fault", "stuck=0x08000100/255:2"];
  sim = await startSimulator(["--chip", "f407", "--units", "3", "--speed", "2", ...fault]);
});
afterAll(async () => {
  await sim.stop();
  rmSync(folder, { recursive: true, force: true });
});

const args = (busid: string, ...more: string[]) => [
  ...["dfu", "flash", file("firmware.bin"), "--usbip", sim.at(busid), ...more],
];

function start(busid: string, ...more: string[]): ChildProcess {
  return spawn(process.execPath, [FLASHLINE, ...args(busid, ...more)], {
    env: { ...process.env, XDG_STATE_HOME: state() },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

const endOf = (child: ChildProcess): Promise<number | string | null> =>
  new Promise((resolve) => child.once("close", (code, signal) => resolve(code ?? signal)));

/** Resolves at the first line of that kind. */
function line(stream: Readable | null, kind: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    if (stream === null) return;
    const lines = createInterface({ input: stream });
    lines.on("line", (seen) => kind.test(seen) && resolve());
    lines.once("close", () => reject(new RangeError(`no line like ${kind}`)));
  });
}

const of = () => ({ env: { XDG_STATE_HOME: state() } });
/** Those that are there, and none that is being written. */
const notes = () => {
  const kept = join(state(), "flashline", "dirty");
  return existsSync(kept) ? readdirSync(kept).filter((name) => name.endsWith(".json")) : [];
};

describe("a reader that goes away in the erase", () => {
  const cut = async (busid: string, ...more: string[]) => {
    const child = start(busid, ...more);
    const ended = endOf(child);
    await line(child.stdout, more.includes("--json") ? /"phase":"erase"/ : /Erasing/);
    child.stdout?.destroy();
    child.stderr?.destroy();
    return await ended;
  };

  test("ends no attempt: the exit is the outcome's, and what PASSed is there", async () => {
    const verify = ["dfu", "verify", file("firmware.bin"), "--usbip", sim.at("1-1"), "--json"];
    const [good, bad] = await Promise.all([cut("1-1", "--json"), cut("1-2")]);
    expect([good, bad]).toEqual([0, 1]);
    expect((await flashline(verify)).last["outcome"]).toBe("PASS");
  });

  test("gives a shell's code where there is no outcome", async () => {
    const child = spawn(process.execPath, [FLASHLINE, "--help"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.destroy();
    expect(await endOf(child)).toBe(141);
  });
});

describe("told to stop", () => {
  /** Each signal when the one before was heard. */
  const told = async (at: RegExp, signals: readonly NodeJS.Signals[], ...more: string[]) => {
    const child = start("1-1", "--json", ...more);
    const ended = endOf(child);
    const last = textOf(child.stdout).then((text) => text.trim().split("\n").at(-1));
    await line(child.stdout, at);
    const heard = line(child.stderr, /^Stopping/);
    for (const signal of signals) {
      child.kill(signal);
      await heard;
    }
    return [await ended, await last] as const;
  };
  const erasing = /"phase":"erase","doneBytes":[1-9]/;

  test.each(["SIGTERM", "SIGHUP"] as const)(
    "by %s before the first erase: it stops",
    async (by) => {
      const [code, last] = await told(/"phase":"compare"/, [by]);
      expect([code, last]).toEqual([1, expect.stringContaining("attempt.cancelled")]);
    },
  );

  test("by a terminal that closes, twice, in the erase: it says so, goes on, and leaves no note", async () => {
    const before = notes().length;
    const [code, last] = await told(erasing, ["SIGHUP", "SIGHUP"], "--dirty");
    expect([code, last]).toEqual([0, expect.stringContaining('"outcome":"PASS"')]);
    expect(notes()).toHaveLength(before);
  });

  test("and then by SIGTERM: it ends, says so, and its note stays", async () => {
    const before = notes().length;
    const [code, last] = await told(erasing, ["SIGHUP", "SIGTERM"], "--dirty");
    expect([code, last]).toEqual([1, expect.stringContaining("attempt.interrupted")]);
    expect(notes()).toHaveLength(before + 1);
    expect((await flashline(args("1-1", "--json"), of())).last["outcome"]).toBe("PASS");
    expect(notes()).toHaveLength(before);
  });
});

describe("killed while it writes option bytes", () => {
  const options = (...more: string[]) =>
    flashline(["dfu", "options", "--usbip", sim.at("1-3"), "--json", ...more], of());

  test("a note stays, reading says so, and the next write trusts nothing", async () => {
    const before = notes().length;
    const set = ["dfu", "options", "--usbip", sim.at("1-3"), "--set", "BOR_LEV=2"];
    const child = spawn(process.execPath, [FLASHLINE, ...set], {
      env: { ...process.env, XDG_STATE_HOME: state() },
      stdio: "ignore",
    });
    const ended = endOf(child);
    while (notes().length === before && child.exitCode === null) {
      await new Promise(setImmediate);
    }
    child.kill("SIGKILL");
    expect(await ended).toBe("SIGKILL");
    expect(notes()).toHaveLength(before + 1);

    const dirty = { event: "dirty", path: "1-3", by: "note", of: "options" };
    const shown = await options();
    expect(shown.events).toContainEqual(dirty);
    const anew = await options("--set", "BOR_LEV=2");
    expect(anew.events).toContainEqual(dirty);
    expect(anew.last["outcome"]).toBe("PASS");
    expect(notes()).toHaveLength(before);
    expect((await options()).events).not.toContainEqual(dirty);
  });
});

describe("killed in the erase", () => {
  const again = (...more: string[]) => flashline(args("1-3", "--json", ...more), of());

  test("a note stays, and the next flash trusts nothing; after its PASS the one after that does", async () => {
    const before = notes().length;
    const child = start("1-3", "--json", "--dirty");
    const ended = endOf(child);
    // The first sector is erased.
    await line(child.stdout, /"phase":"erase","doneBytes":[1-9]/);
    child.kill("SIGKILL");
    expect(await ended).toBe("SIGKILL");
    expect(notes()).toHaveLength(before + 1);

    const cured = await again();
    expect(cured.events).toContainEqual({ event: "dirty", path: "1-3", by: "note" });
    expect(cured.events.some(({ phase }) => phase === "compare")).toBe(false);
    expect(cured.last).toMatchObject({ outcome: "PASS", erasedSectors: 4, skippedSectors: 0 });
    expect(notes()).toHaveLength(before);

    const unchanged = await again();
    expect(unchanged.events.some(({ event }) => event === "dirty")).toBe(false);
    expect(unchanged.last).toMatchObject({ outcome: "PASS", erasedSectors: 0 });
    const asked = await again("--dirty");
    expect(asked.last).toMatchObject({ outcome: "PASS", erasedSectors: 4 });
  });

  test("a state folder that cannot be written is said once and stops nothing", async () => {
    writeFileSync(file("no-folder"), "");
    const { code, stderr } = await flashline(args("1-3", "--json", "--dirty"), {
      env: { XDG_STATE_HOME: file("no-folder") },
    });
    expect(code).toBe(0);
    expect(stderr.match(/No note can be kept/g)).toHaveLength(1);
  });
});
