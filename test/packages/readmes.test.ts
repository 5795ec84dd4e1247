import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { format } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const packages = await readdir(join(ROOT, "packages"));

/** The first block in this language; its last line ends with a line feed. */
function block(text: string, language: string): string {
  const [, content] = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "ms").exec(text) ?? [];
  expect(content, `a block of ${language}`).toBeDefined();
  return content ?? "";
}

describe("a package's README", () => {
  let folder: string;
  beforeAll(async () => {
    // Inside the checkout, so that the packages are found.
    await mkdir(join(ROOT, "artifacts"), { recursive: true });
    folder = await mkdtemp(join(ROOT, "artifacts", "readmes-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(packages)("has an example that prints what it says: %s", async (name) => {
    const readme = await readFile(join(ROOT, "packages", name, "README.md"), "utf8");
    expect(readme).toMatch(new RegExp(`^# @flashline/${name}\n`));
    const file = join(folder, `${name}.ts`);
    await writeFile(file, block(readme, "ts"));
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    try {
      await import(file);
      const printed = log.mock.calls.map((values) => `${format(...values)}\n`).join("");
      expect(printed).toBe(block(readme, "text"));
    } finally {
      log.mockRestore();
    }
  });
});
