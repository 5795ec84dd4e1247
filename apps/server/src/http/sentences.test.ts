import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const ROOT = path.join(import.meta.dirname, "..");
/** What these throw ends a start or a command, and no caller reads it. */
const NOT_ANSWERED =
  /^(config|cli|backup|chaos|testing|generated|db)\/|^(platform|serve|http\/tls)\.ts$|(vault|testing)\.ts$/;
/** What the check of a release finds is stored as code and sentence. */
const STORED = /^releases\/check(-recipe)?\.ts$/;

const sources = readdirSync(ROOT, { recursive: true, encoding: "utf8" }).filter(
  (file) =>
    file.endsWith(".ts") &&
    !file.endsWith(".test.ts") &&
    !NOT_ANSWERED.test(file) &&
    !STORED.test(file),
);

/** The arguments of each error that is made in a source file, as text. */
function errorsIn(source: string): string[] {
  return source.split("new FlashlineError(").flatMap((rest, at) => {
    if (at === 0) return [];
    let depth = 1;
    for (let end = 0; end < rest.length; end += 1) {
      if (rest[end] === "(") depth += 1;
      if (rest[end] === ")") depth -= 1;
      if (depth === 0) return [rest.slice(0, end)];
    }
    return [rest];
  });
}

test("a sentence with values in it crosses with the same values as parameters", () => {
  const errors = sources.flatMap((file) =>
    errorsIn(readFileSync(path.join(ROOT, file), "utf8")).map((made) => ({ file, made })),
  );
  expect(errors.length).toBeGreaterThan(50);
  const bare = errors.filter(({ made }) => made.includes("${") && !made.includes("parameters"));
  expect(bare).toEqual([]);
});
