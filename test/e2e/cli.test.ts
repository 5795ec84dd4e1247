import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FIGURES } from "@flashline/dfu-core/figures";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { flashline, type Simulator, startSimulator } from "./support/command.ts";

/** The command line tool as real processes, against real `flashline sim` processes over USB/IP. */
let folder: string;
const file = (name: string): string => join(folder, name);
const image = randomBytes(20_001);
// Below, this byte of a unit is stuck at 0: an image that has 0 there is flashed well.
image[0x1000] = 0x5a;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flashline-cli-"));
  writeFileSync(file("firmware.bin"), image);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("with two healthy units", () => {
  let sim: Simulator;
  beforeAll(async () => {
    const dump = ["--dump", file("dump")];
    sim = await startSimulator(["--chip", "f407", "--units", "2", "--machine", "pc-7", ...dump]);
  });

  const one = (...args: string[]) => flashline([...args, "--usbip", sim.at("1-1"), "--json"]);

  test("lists them with their place", async () => {
    const { code, events } = await flashline(["dfu", "list", "--usbip", sim.at(), "--json"]);
    expect(code).toBe(0);
    expect(events).toMatchObject([
      { event: "unit", path: "1-1", virtual: true, host: { machine: "pc-7" } },
      { event: "unit", path: "1-2" },
      { event: "listed", units: 2 },
    ]);
  });

  test("refuses to guess which one is meant", async () => {
    const { code, last, stdout } = await flashline([
      "dfu",
      "flash",
      file("firmware.bin"),
      "--usbip",
      sim.at(),
      "--json",
    ]);
    expect(code).toBe(3);
    expect(stdout.trim().split("\n")).toHaveLength(1);
    expect(last).toMatchObject({ event: "refused", code: "device.several", units: ["1-1", "1-2"] });
    expect(typeof last["message"]).toBe("string");
    const none = await flashline(["dfu", "info", "--usbip", sim.at("1-9"), "--json"]);
    expect([none.code, none.last["code"]]).toEqual([3, "device.not_found"]);
  });

  test("a dry run shows the plan and touches nothing", async () => {
    const { code, last } = await one("dfu", "flash", file("firmware.bin"), "--dry-run");
    expect(code).toBe(0);
    expect(last).toMatchObject({ event: "planned", plan: { imageBytes: image.length } });
    const banks = ["dfu", "flash", file("firmware.bin"), "--bank-mode"];
    const single = await one(...banks, "single", "--dry-run");
    expect(single.last).toMatchObject({ event: "planned", plan: { bankMode: "single" } });
    for (const more of [["--dry-run"], []]) {
      const refused = await one(...banks, "dual", ...more);
      expect(refused.last).toMatchObject({ outcome: "FAIL", code: "plan.bank_mode" });
    }
    const { last: after } = await one("dfu", "verify", file("firmware.bin"));
    expect(after["outcome"]).toBe("FAIL");
  });

  test("flashes a raw binary, verifies it, and reads the same bytes back", async () => {
    const { code, last, events } = await one("dfu", "flash", file("firmware.bin"));
    expect(code).toBe(0);
    expect(Object.keys(last)).toEqual([
      "event",
      "outcome",
      "code",
      "blame",
      "linkIncident",
      "ms",
      ...FIGURES,
      "profile",
    ]);
    expect(last).toMatchObject({
      event: "finished",
      outcome: "PASS",
      code: null,
      linkIncident: false,
      bytes: image.length,
      profile: "standard",
    });
    expect(events.filter(({ event }) => event === "finished")).toHaveLength(1);
    expect((await one("dfu", "verify", file("firmware.bin"))).code).toBe(0);
    const read = await one("dfu", "read", file("back.bin"), "--length", String(image.length));
    expect(read.code).toBe(0);
    expect(readFileSync(file("back.bin")).equals(image)).toBe(true);
  });

  test("--pcapng keeps every transfer for its owner alone; a file that cannot be written stops it in time", async () => {
    const flashed = await one(
      "dfu",
      "flash",
      file("firmware.bin"),
      "--pcapng",
      file("link.pcapng"),
    );
    expect(flashed.last).toMatchObject({ event: "finished", outcome: "PASS" });
    expect(flashed.stderr).toContain("control transfers in");
    const capture = readFileSync(file("link.pcapng"));
    expect(capture.readUInt32LE(0)).toBe(0x0a0d0d0a);
    expect(capture.includes(image.subarray(5000, 5100))).toBe(true);
    expect(statSync(file("link.pcapng")).mode & 0o777).toBe(0o600);
    const erase = ["erase", "--address", "0x08000000", "--length", "16K"];
    const nowhere = await one("dfu", ...erase, "--pcapng", file("no/folder/x.pcapng"));
    expect([nowhere.code, nowhere.last["event"]]).toEqual([2, "refused"]);
    expect((await one("dfu", "verify", file("firmware.bin"))).code).toBe(0);
  });

  test("flashes the DfuSe file that convert makes, at its own address", async () => {
    const converted = ["image", "convert", file("firmware.bin"), file("firmware.dfu")];
    expect((await flashline([...converted, "--address", "0x08008000"])).code).toBe(0);
    const { last: inside } = await flashline(["image", "inspect", file("firmware.dfu"), "--json"]);
    expect(inside["segments"]).toEqual([{ address: 0x0800_8000, length: image.length }]);
    const flashed = await flashline([
      "dfu",
      "flash",
      file("firmware.dfu"),
      "--usbip",
      sim.at(),
      "--path",
      "1-2",
      "--leave",
    ]);
    expect(flashed.stdout).toContain("PASS");
    expect(flashed.stdout).not.toContain("\x1b");
    const info = await flashline(["dfu", "info", "--usbip", sim.at("1-2"), "--json"]);
    // Random bytes are no program: the ROM comes back by itself.
    expect([0, 3]).toContain(info.code);
  });

  test("a bad file, a bad option and a missing confirmation touch nothing and exit 2", async () => {
    const dfu = readFileSync(file("firmware.dfu"));
    writeFileSync(file("cut.dfu"), dfu.subarray(0, 5000));
    dfu[400] = (dfu[400] ?? 0) ^ 1;
    writeFileSync(file("changed.dfu"), dfu);
    const refusals = await Promise.all([
      one("dfu", "flash", file("cut.dfu")),
      one("dfu", "flash", file("changed.dfu")),
      one("dfu", "flash", file("missing.bin")),
      one("dfu", "flash", file("firmware.bin"), "--address", "nowhere"),
      one("dfu", "erase", "--mass"),
      one("dfu", "erase", "--mass", "--yes-i-mean", "mass erase"),
    ]);
    expect(refusals.map(({ code, last }) => [code, last["event"], last["code"]])).toEqual([
      [2, "refused", "image.truncated"],
      [2, "refused", "image.crc"],
      [2, "refused", "usage.argument"],
      [2, "refused", "usage.argument"],
      [2, "refused", "usage.confirm"],
      [2, "refused", "usage.confirm"],
    ]);
  });

  test("an image that does not fit and another chip class fail before anything is erased", async () => {
    writeFileSync(file("large.bin"), Buffer.alloc(1024 * 1024 + 1, 1));
    const large = await one("dfu", "flash", file("large.bin"));
    expect([large.code, large.last["code"]]).toEqual([2, "image.does_not_fit"]);
    const other = await one("dfu", "flash", file("firmware.bin"), "--chip", "STM32F072");
    expect([other.code, other.last["code"]]).toEqual([1, "device.wrong_chip"]);
    expect((await one("dfu", "verify", file("firmware.bin"))).code).toBe(0);
  });

  test("SIGTERM writes flash contents and counters: no mass erase, no read unprotect", async () => {
    expect(await sim.stop()).toBe(0);
    expect(readFileSync(file("dump/unit-1.bin")).subarray(0, image.length).equals(image)).toBe(
      true,
    );
    for (const unit of [1, 2]) {
      const { counters, illegal } = JSON.parse(
        readFileSync(file(`dump/unit-${unit}.json`), "utf8"),
      );
      expect(counters).toMatchObject({ massErases: 0, readUnprotects: 0, optionWrites: 0 });
      expect(illegal).toEqual([]);
    }
  });
});

describe("with units that make trouble", () => {
  let sim: Simulator;
  beforeAll(async () => {
    const faults = ["unplug=4096:1", "stall=4:2", "stuck=0x08001000/255:3"];
    const given = faults.flatMap((fault) => ["--fault", fault]);
    sim = await startSimulator(["--chip", "f072", "--units", "3", ...given]);
  });
  afterAll(async () => void (await sim.stop()));

  const flash = (busid: string) =>
    flashline(["dfu", "flash", file("firmware.bin"), "--usbip", sim.at(busid), "--json"]);

  test("pulled out in the middle: FAIL with its code, and no host blamed", async () => {
    const { code, last } = await flash("1-1");
    expect(code).toBe(1);
    expect(last).toMatchObject({
      event: "finished",
      outcome: "FAIL",
      code: "attempt.unplugged",
      blame: "operator",
      linkIncident: false,
    });
  });

  test("recovered: PASS, and still a link incident", async () => {
    const { code, last, events } = await flash("1-2");
    expect(code).toBe(0);
    expect(last).toMatchObject({ outcome: "PASS", linkIncident: true, bytes: image.length });
    expect(events.some(({ event }) => event === "incident")).toBe(true);
  });

  test("a flash that does not take the bytes never passes", async () => {
    const { code, last } = await flash("1-3");
    expect(code).toBe(1);
    expect(last).toMatchObject({ outcome: "FAIL", blame: "unit", linkIncident: false });
    expect(String(last["code"])).toMatch(/^flash\./);
  });
});

test("keygen and sign make what Debian's minisign accepts; the secret key is private", async () => {
  const made = await flashline(["release", "keygen", "team"], { cwd: folder });
  expect(made.code).toBe(0);
  expect(statSync(file("team.key")).mode & 0o777).toBe(0o600);
  expect((await flashline(["release", "keygen", "team"], { cwd: folder })).code).toBe(2);
  // Beside another key's public half no secret of this one is left.
  writeFileSync(join(folder, "other.pub"), "of another key");
  expect((await flashline(["release", "keygen", "other"], { cwd: folder })).code).toBe(2);
  expect(existsSync(join(folder, "other.key"))).toBe(false);
  const signed = await flashline(
    [
      ...["release", "sign", "firmware.bin", "--product", "U2C", "--chip", "STM32F072"],
      ...["--version", "1.4.0", "--counter", "7", "--key", "team.key", "--address", "0x08002000"],
      ...["--vector-table", "none"],
    ],
    { cwd: folder },
  );
  expect(signed.stderr).toBe("");
  const manifest = JSON.parse(readFileSync(file("manifest.json"), "utf8"));
  const sha256 = createHash("sha256").update(image).digest("hex");
  expect(manifest.images).toEqual([
    { name: "firmware.bin", sha256, size: image.length, address: 0x0800_2000 },
  ]);
  const verify = ["-V", "-p", "team.pub", "-m", "manifest.json"];
  expect(execFileSync("minisign", verify, { cwd: folder, encoding: "utf8" })).toContain(
    "product U2C version 1.4.0 counter 7",
  );
});

test("release commands name what is missing, and a server that is not there", async () => {
  const env = { FLASHLINE_SERVER: "", FLASHLINE_TOKEN: "" };
  const list = ["release", "list", "--json"];
  const nowhere = await flashline(list, { env });
  expect([nowhere.code, nowhere.last["code"]]).toEqual([2, "usage.argument"]);
  const away = await flashline([...list, "--server", "http://127.0.0.1:9", "--token", "t"]);
  expect([away.code, away.last["code"]]).toEqual([1, "server.unavailable"]);
});

test("runs from any folder without a build", async () => {
  const { code, stdout } = await flashline(["--help"], { cwd: folder });
  expect(code).toBe(0);
  expect(stdout).toContain("flashline dfu flash");
  expect(existsSync(file("dist"))).toBe(false);
});
