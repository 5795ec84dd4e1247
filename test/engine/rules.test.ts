import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

// A comment that cites a rule is only as good as the rule's text: every number must be in docs/protocol.md.

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The numbered list under its heading. */
const rules = (): ReadonlySet<number> => {
  const text = readFileSync(`${ROOT}docs/protocol.md`, "utf8");
  const [, after = ""] = text.split("## The rules by number\n");
  const [section = ""] = after.split("\n## ");
  return new Set([...section.matchAll(/^(\d+)\. \*\*/gm)].map(([, number]) => Number(number)));
};

/** "rule 9, docs/protocol.md" or "rules 1 and 10, docs/protocol.md"; a comment may break it over two lines. */
const CITATION = /\brules?[\s/*]+(\d+)(?: and (\d+))?,[\s/*]+docs\/protocol\.md/gi;
/** A number without the place where it is explained. */
const WITHOUT_PLACE = /\bengine[\s/*]+rules?[\s/*]+\d+/i;

const citedIn = (text: string): number[] =>
  [...text.matchAll(CITATION)].flatMap(([, ...numbers]) =>
    numbers.filter((number) => number !== undefined).map(Number),
  );

const sources = (): string[] =>
  execFileSync("git", ["ls-files", "*.ts", "*.tsx"], { cwd: ROOT, encoding: "utf8" })
    .split("\n")
    .filter((file) => file !== "" && !file.endsWith("test/engine/rules.test.ts"));

test("every rule that a comment cites is in docs/protocol.md", () => {
  const known = rules();
  expect(known.size).toBeGreaterThanOrEqual(19);
  const cited = new Set<number>();
  const unknown: string[] = [];
  for (const file of sources()) {
    const text = readFileSync(`${ROOT}${file}`, "utf8");
    if (WITHOUT_PLACE.test(text)) unknown.push(`${file} cites a rule without its document`);
    for (const number of citedIn(text)) {
      cited.add(number);
      if (!known.has(number)) unknown.push(`${file} cites rule ${number}`);
    }
  }
  expect(unknown).toEqual([]);
  expect(cited.size).toBeGreaterThan(10);
  const unused = [...known].filter((number) => !cited.has(number));
  if (unused.length > 0) console.info(`rules that no comment cites: ${unused.join(", ")}`);
});

test("a citation is found in each of its forms", () => {
  expect(citedIn("it is so (rule 9, docs/protocol.md).")).toEqual([9]);
  expect(citedIn("it is so (rules 1 and 10, docs/protocol.md).")).toEqual([1, 10]);
  expect(citedIn("it is so (rule\n * 12, docs/protocol.md).")).toEqual([12]);
  expect(citedIn("it is so (engine rule 99).")).toEqual([]);
  expect(WITHOUT_PLACE.test("it is so (engine\n * rule 99).")).toBe(true);
  expect(citedIn("the rule 9 of something else")).toEqual([]);
});
