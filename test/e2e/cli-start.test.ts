import { execFile, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { textOf } from "./support/command.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Prints a word of its own, one of a module beside it and one of a file beside that, and the folder it is called in. */
const MAIN = `import { readFileSync } from "node:fs";
import { word } from "./word.ts";
const beside: string = readFileSync(new URL("../beside.txt", import.meta.url), "utf8");
process.stdout.write([word, beside, process.cwd()].join(" "));
`;

let folder: string;
let checkout: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flashline-start-"));
  checkout = join(folder, "checkout");
  for (const name of ["bundle", "sources", "stamp", "start"]) {
    await cp(join(ROOT, `scripts/${name}.mjs`), join(checkout, `scripts/${name}.mjs`));
  }
  await cp(join(ROOT, "apps/cli/bin/flashline.js"), join(checkout, "apps/cli/bin/flashline.js"));
  await writeFile(join(checkout, "package.json"), '{ "type": "module" }');
  await writeFile(join(checkout, "tsconfig.base.json"), "{}");
  await mkdir(join(checkout, "node_modules"));
  for (const name of ["esbuild", "tsx"]) {
    await symlink(join(ROOT, "node_modules", name), join(checkout, "node_modules", name));
  }
  await mkdir(join(checkout, "apps/cli/src"));
  await writeFile(join(checkout, "apps/cli/beside.txt"), "beside");
  await writeLongAgo("main.ts", MAIN);
  await writeLongAgo("word.ts", 'export const word: string = "first";\n');
});
afterEach(() => rm(folder, { recursive: true }));

/** A file that was just written to is not trusted to have been bundled as it is. */
async function writeLongAgo(name: string, text: string, seconds = 60): Promise<void> {
  const file = join(checkout, "apps/cli/src", name);
  await writeFile(file, text);
  const time = Date.now() / 1000 - seconds;
  await utimes(file, time, time);
}

async function run(from = checkout): Promise<string> {
  const command = join(from, "apps/cli/bin/flashline.js");
  return (await promisify(execFile)(process.execPath, [command], { cwd: folder })).stdout;
}

async function bundles(): Promise<string[]> {
  const names = await readdir(join(checkout, "node_modules/.flashline/start"));
  return names.filter((name) => !name.endsWith(".json"));
}

test("a command is bundled once, and again when a source was changed", async () => {
  expect(await run()).toBe(`first beside ${folder}`);
  expect(await run()).toBe(`first beside ${folder}`);
  expect(await bundles()).toHaveLength(1);
  await writeLongAgo("word.ts", 'export const word: string = "second";\n', 30);
  expect(await run()).toBe(`second beside ${folder}`);
  // A command that began before may still be reading the other one.
  expect(await bundles()).toHaveLength(2);
});

test("a bundle that was made is what runs", async () => {
  await run();
  const [name = ""] = await bundles();
  const main = join(checkout, "node_modules/.flashline/start", name, "main.mjs");
  await writeFile(main, 'process.stdout.write("the bundle")');
  expect(await run()).toBe("the bundle");
});

test("a source that is written to while it is bundled is bundled again at the next start", async () => {
  await writeFile(join(checkout, "apps/cli/src/word.ts"), 'export const word = "young";\n');
  expect(await run()).toBe(`young beside ${folder}`);
  await writeLongAgo("word.ts", 'export const word: string = "older";\n');
  expect(await run()).toBe(`older beside ${folder}`);
});

test("several that start at once in a new checkout all run", async () => {
  const answers = await Promise.all(Array.from({ length: 6 }, () => run()));
  expect(new Set(answers)).toEqual(new Set([`first beside ${folder}`]));
  expect(await bundles()).toHaveLength(1);
});

test("a checkout that cannot be written to runs from its sources", async () => {
  // Root may write to every folder, but to none that is a file.
  await writeFile(join(checkout, "node_modules/.flashline"), "");
  expect(await run()).toBe(`first beside ${folder}`);
});

test("a copied checkout runs its own sources", async () => {
  await run();
  const copy = join(folder, "copy");
  await cp(checkout, copy, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  await writeFile(join(copy, "apps/cli/beside.txt"), "elsewhere");
  expect(await run(copy)).toBe(`first elsewhere ${folder}`);
});

test("an installed package has only dist", async () => {
  await rm(join(checkout, "apps/cli/src"), { recursive: true });
  await rm(join(checkout, "scripts"), { recursive: true });
  await mkdir(join(checkout, "apps/cli/dist"));
  await writeFile(join(checkout, "apps/cli/dist/main.js"), 'process.stdout.write("dist")');
  expect(await run()).toBe("dist");
});

test.each(["SIGINT", "SIGTERM"] as const)(
  "a dfu command that %s ends while it is still read says that nothing was sent",
  async (by) => {
    await writeLongAgo("main.ts", 'console.error("read");\nsetInterval(() => undefined, 1000);\n');
    const launcher = join(checkout, "apps/cli/bin/flashline.js");
    const child = spawn(process.execPath, [launcher, "dfu", "flash", "firmware.bin"]);
    const ended = new Promise((resolve) => child.once("exit", (...how) => resolve(how)));
    child.stderr.once("data", () => child.kill(by));
    expect(await textOf(child.stderr)).toBe(
      "read\nStopped before anything was sent to a unit.\n(attempt.cancelled)\n",
    );
    expect(await ended).toEqual([3, null]);
  },
);
