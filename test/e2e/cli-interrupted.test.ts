import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FLASHLINE, flashline, type Simulator, startSimulator } from "./support/command.ts";

/** What becomes of a unit whose command loses its reader, or its life, between erase and verify; in the datasheet's time. */
let folder: string;
let sim: Simulator;
const file = (name: string): string => join(folder, name);
const state = () => file("state");

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flashline-interrupted-"));
  // Sectors 0 to 3 of an F407: 4 x 16 KiB.
  writeFileSync(file("firmware.bin"), randomBytes(65_536));
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
function line(child: ChildProcess, kind: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) return;
    const lines = createInterface({ input: child.stdout });
    lines.on("line", (seen) => kind.test(seen) && resolve());
    lines.once("close", () => reject(new RangeError(`no line like ${kind}`)));
  });
}

describe("a reader that goes away in the erase", () => {
  const cut = async (busid: string, ...more: string[]) => {
    const child = start(busid, ...more);
    const ended = endOf(child);
    await line(child, more.includes("--json") ? /"phase":"erase"/ : /Erasing/);
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

describe("killed in the erase", () => {
  const again = (...more: string[]) =>
    flashline(args("1-3", "--json", ...more), { env: { XDG_STATE_HOME: state() } });
  const notes = () => {
    const kept = join(state(), "flashline", "dirty");
    return existsSync(kept) ? readdirSync(kept) : [];
  };

  test("a note stays, and the next flash trusts nothing; after its PASS the one after that does", async () => {
    const before = notes().length;
    const child = start("1-3", "--json", "--dirty");
    const ended = endOf(child);
    // The first sector is erased.
    await line(child, /"phase":"erase","doneBytes":[1-9]/);
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
