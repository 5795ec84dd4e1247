import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeHex } from "@flashline/dfu-core/image";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FLASHLINE, flashline, type Simulator, startSimulator } from "./support/command.ts";

/** Files with more than flash, and units that are not there yet: real processes against a real `flashline sim`. */
let folder: string;
let sim: Simulator;
const file = (name: string): string => join(folder, name);
const dfu = (...args: string[]) => flashline(["dfu", ...args, "--usbip", sim.at("1-1"), "--json"]);

/** A HEX file with these bytes at these addresses. */
function hexFile(name: string, ...parts: readonly (readonly [number, string])[]): string {
  const segments = parts.map(([address, text]) => ({ address, data: Buffer.from(text) }));
  writeFileSync(file(name), encodeHex({ segments }));
  return file(name);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flashline-parts-"));
  sim = await startSimulator(["--chip", "f407", "--units", "1"]);
});
afterAll(async () => {
  await sim.stop();
  rmSync(folder, { recursive: true, force: true });
});

const APPLICATION = "the application in its flash";

test("a file with option bytes and RAM is refused with the ways to go on, and flashed in part", async () => {
  const all = hexFile(
    "all.hex",
    [0x0800_0000, APPLICATION],
    [0x1fff_c000, "options!"],
    [0x2000_0000, "ram"],
  );
  const refused = await flashline(["dfu", "flash", all, "--usbip", sim.at("1-1")]);
  expect(refused.code).toBe(2);
  expect(refused.stdout).toMatch(/FAIL {2}image\.read_only at 0x1fffc000/);
  expect(refused.stdout).toMatch(/the unit has 0x08000000 to 0x080fffff \(Internal Flash\)/);
  expect(refused.stdout).toMatch(/--skip FROM-TO.*--only FROM-TO.*--rebase.*options --set/);

  const rest = ["--skip", "0x1fffc000-0x1fffc007", "--skip", "0x20000000-0x2000ffff"];
  const planned = await dfu("flash", all, ...rest, "--dry-run");
  expect(planned.last).toMatchObject({
    event: "planned",
    plan: {
      imageBytes: APPLICATION.length,
      warnings: expect.arrayContaining([
        "left out: 0x1fffc000 to 0x1fffc007 (8 bytes)",
        "left out: 0x20000000 to 0x20000002 (3 bytes)",
      ]),
    },
  });
  expect((await dfu("flash", all, ...rest)).last["outcome"]).toBe("PASS");
  const only = ["--only", "0x08000000-0x080fffff"];
  expect((await dfu("verify", all, ...only)).last["outcome"]).toBe("PASS");
});

test("a file at the boot alias goes to the flash's own address, and says so", async () => {
  const at0 = hexFile("at0.hex", [0, "linked at 0"]);
  const flashed = await dfu("flash", at0);
  expect(flashed.last["outcome"]).toBe("PASS");
  expect(flashed.events.find(({ event }) => event === "plan")).toMatchObject({
    plan: {
      warnings: expect.arrayContaining([
        "0x00000000 to 0x0000000a is the flash's boot alias, and goes to 0x08000000 to 0x0800000a",
      ]),
    },
  });
  expect((await dfu("verify", at0)).last["outcome"]).toBe("PASS");
});

test("a file for another device is refused with the way out", async () => {
  const other = file("other.dfu");
  const source = hexFile("source.hex", [0x0800_0000, APPLICATION]);
  await flashline(["image", "convert", source, other, "--device", "1209:0001"]);
  const refused = await flashline(["dfu", "flash", other, "--usbip", sim.at("1-1")]);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/is for 1209:0001, the device is 0483:df11/);
  expect(refused.stderr).toMatch(/image convert FILE OUTPUT --device VID:PID/);
});

describe("a unit that is not there yet", () => {
  test("is waited for, by its path", async () => {
    sim.command("unplug 1");
    const running = dfu("info", "--wait", "30");
    setTimeout(() => sim.command("plug 1"), 1500);
    expect(await running).toMatchObject({ code: 0, last: { outcome: "PASS" } });
  });

  test("is not waited for longer than was said", async () => {
    const { code, last } = await flashline([
      "dfu",
      "info",
      "--usbip",
      sim.at("1-9"),
      "--wait",
      "0.3",
      "--json",
    ]);
    expect([code, last["code"]]).toEqual([3, "device.not_found"]);
  });

  test("ends with Ctrl-C at once", async () => {
    const args = ["dfu", "flash", hexFile("a.hex", [0x0800_0000, "a"]), "--wait", "600"];
    const child = spawn(process.execPath, [FLASHLINE, ...args, "--usbip", sim.at("1-9")], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    await new Promise<void>((resolve) => {
      child.stderr.on("data", (chunk) => {
        said += String(chunk);
        if (said.includes("Waiting up to 600 s")) resolve();
      });
    });
    const asked = performance.now();
    child.kill("SIGINT");
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect(code).toBe(3);
    expect(performance.now() - asked).toBeLessThan(2000);
    expect(said).toMatch(/attempt\.cancelled/);
  });
});
