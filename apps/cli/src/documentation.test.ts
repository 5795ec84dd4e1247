import { readFileSync } from "node:fs";
import { ROLES, rightsTable, SCOPES } from "@flashline/contract";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { outline } from "./completion/outline.ts";
import type { Console } from "./console.ts";
import { createProgram } from "./program.ts";
import { styleOf } from "./terminal/terminal.ts";

/** Which commands the option table under each heading of docs/cli.md is about. */
const TABLES = new Map([
  ["Units on this PC", /^dfu /],
  ["Firmware files", /^image /],
  ["Releases", /^(release|channel|exception) /],
  ["Updates of the agents", /^agent-update /],
  [
    "A plant",
    /^(plant|plan|order|range) |^yield$|^(line|station|product|unit|host) (add|import|list|show|change|rename|retire|restore|move|revoke|doctor|chips|operators|history|values|affected|dossier|transcript)$/,
  ],
  ["Units that failed", /^(unit (repair|allow-retest|scrap|unscrap)|product retest-limit)$/],
  ["Labels", /^product label$/],
  [
    "Stopping what is bad",
    /^((hold|nest|batch) |(station|line) (pause|resume)$|host (quarantine|clear|repair|profile|pacing|trials|retry-pacing)$|unit (hold|release)$)/,
  ],
  ["Golden units", /^golden /],
  ["Alarms", /^alarm /],
  ["The ledger", /^audit /],
  ["Webhooks", /^webhook /],
  ["People", /^(person|session|badge|token|key|role) /],
  ["Virtual units", /^sim$/],
]);
/** Prefix that the table leaves away. */
const SHORT = new Map([
  ["Units on this PC", "dfu "],
  ["Firmware files", "image "],
  ["Golden units", "golden "],
]);

function program(): Promise<Command> {
  const write = () => undefined;
  const console: Console = {
    terminal: {
      write,
      writeError: write,
      interactive: false,
      canAsk: false,
      columns: 80,
      style: styleOf(false),
    },
    env: {},
    onInterrupt: () => ({
      signal: new AbortController().signal,
      stop: new AbortController().signal,
      release: () => undefined,
    }),
    ask: () => Promise.resolve(""),
  };
  return createProgram(console, "all");
}

test("docs/people.md has what each role may do, as the program prints it", () => {
  const text = readFileSync(new URL("../../../docs/people.md", import.meta.url), "utf8");
  expect(text).toContain(rightsTable());
  for (const [name, says] of Object.entries({ ...ROLES, ...SCOPES })) {
    expect(text).toContain(`- \`${name}\`: ${says}`);
  }
});

const ticked = (cell: string): string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text);

/** "dfu flash --leave" for every option that a table says a command has. */
function documented(heading: string, commands: readonly string[]): string[] {
  const text = readFileSync(new URL("../../../docs/cli.md", import.meta.url), "utf8");
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  const prefix = SHORT.get(heading) ?? "";
  return section.split("\n").flatMap((line) => {
    const [, first = "", who = ""] = line.split(/(?<!\\)\|/);
    const names = ticked(first).flatMap((option) => option.match(/--[a-z-]+/g) ?? []);
    const named = ticked(who).map((name) => `${prefix}${name}`);
    const meant = /^\s*all\b/.test(who) ? commands.filter((name) => !named.includes(name)) : named;
    return names.flatMap((name) => meant.map((command) => `${command} ${name}`));
  });
}

test.each([...TABLES])(
  "docs/cli.md, %s: every option of --help, and no other",
  async (heading, of) => {
    const leaves = outline(await program()).filter(
      ({ path, children }) => children.length === 0 && of.test(path),
    );
    const real = leaves.flatMap(({ path, options }) =>
      options.filter(({ name }) => name !== "--help").map(({ name }) => `${path} ${name}`),
    );
    expect(real.length).toBeGreaterThan(5);
    const paths = leaves.map(({ path }) => path);
    expect(documented(heading, paths).sort()).toEqual(real.sort());
  },
);
