import { execFileSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keepApart, openOutput, writeOutput } from "./output.ts";

let folder: string;
const path = (name: string) => join(folder, name);
const bytes = Buffer.from("new content");
const modeOf = (name: string) => statSync(path(name)).mode & 0o777;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flashline-output-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("what is a plain file, or none yet,", () => {
  it("is replaced in one step, keeps its permissions, and its other names keep the old bytes", async () => {
    writeFileSync(path("plain"), "old");
    chmodSync(path("plain"), 0o640);
    execFileSync("ln", [path("plain"), path("other-name")]);
    const output = await openOutput(path("plain"));
    expect(readFileSync(path("plain"), "utf8")).toBe("old");
    await output.save(bytes);
    expect(readFileSync(path("plain"))).toEqual(bytes);
    expect(modeOf("plain")).toBe(0o640);
    expect(readFileSync(path("other-name"), "utf8")).toBe("old");
  });

  it("gets the permissions that were asked for, and takes nothing else's place", async () => {
    writeFileSync(path("secret.part"), "somebody's");
    writeFileSync(path("secret"), "old");
    chmodSync(path("secret"), 0o644);
    await writeOutput(path("secret"), bytes, { mode: 0o600 });
    expect(modeOf("secret")).toBe(0o600);
    expect(readFileSync(path("secret.part"), "utf8")).toBe("somebody's");
    expect(readdirSync(folder).filter((name) => name.startsWith(".flashline-"))).toEqual([]);
  });

  it("is refused before the work where it cannot be written", async () => {
    await expect(openOutput(path("no/folder/x"))).rejects.toThrow("its folder does not exist");
    mkdirSync(path("folder"));
    await expect(openOutput(path("folder"))).rejects.toThrow("it is a folder");
  });
});

describe("anything else is written through and stays what it is:", () => {
  it("a symbolic link", async () => {
    writeFileSync(path("target"), "a longer content than the new one");
    symlinkSync(path("target"), path("link"));
    await writeOutput(path("link"), bytes, { mode: 0o600 });
    expect(lstatSync(path("link")).isSymbolicLink()).toBe(true);
    expect(readFileSync(path("target"))).toEqual(bytes);
    expect(modeOf("target")).toBe(0o600);
  });

  it("a device, here by a link", async () => {
    symlinkSync("/dev/null", path("null"));
    await writeOutput(path("null"), bytes, { mode: 0o600 });
    expect(lstatSync("/dev/null").isCharacterDevice()).toBe(true);
    expect(modeOf("null") & 0o006).toBe(0o006);
  });

  it("a pipe", async () => {
    execFileSync("mkfifo", [path("pipe")]);
    const read = readFile(path("pipe"));
    await writeOutput(path("pipe"), bytes);
    expect(await read).toEqual(bytes);
    expect(lstatSync(path("pipe")).isFIFO()).toBe(true);
  });
});

describe("an output that is an input", () => {
  it("is refused by whatever name", async () => {
    writeFileSync(path("input"), "firmware");
    symlinkSync(path("input"), path("input-link"));
    execFileSync("ln", [path("input"), path("input-hard")]);
    for (const name of ["input", "input-link", "input-hard", "folder/../input"]) {
      const output = `${folder}/${name}`;
      await expect(keepApart([output], [undefined, path("input")])).rejects.toThrow("overwritten");
    }
    await expect(keepApart([path("fresh"), path("fresh")], [])).rejects.toThrow("named twice");
    await keepApart([path("fresh"), undefined, "-"], [path("input"), path("missing")]);
    await keepApart(["/dev/null"], ["/dev/null"]);
  });
});
