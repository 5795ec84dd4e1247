// npm run bench:start [-- --rounds N] [--write]
// How long commands take that do next to nothing, from this checkout, beside node and dfu-util alone.
// --write puts the table into docs/benchmarks.md. Exit code 1 when a target is missed: run it on a machine that does nothing else.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { markdown, putIntoDocument, seconds } from "../document.ts";
import { median } from "../figures.ts";
import { when } from "../report.ts";

const ROOT = join(import.meta.dirname, "../../..");
const TARGET_MS = 350;
const NODE_ALONE = "node -e 0";

/** What a person types → the program and its words. */
const COMMANDS: readonly (readonly [name: string, program: string, words: readonly string[]])[] = [
  ["dfu-util --version", "dfu-util", ["--version"]],
  [NODE_ALONE, process.execPath, ["-e", "0"]],
  ...["--version", "--help", "dfu list"].map((words) => ofApp("cli", "flashline", words)),
  ofApp("agent", "flashline-agent", "--version"),
  ofApp("server", "flashline-server", "--version"),
];

function ofApp(app: string, command: string, words: string) {
  const file = join(ROOT, `apps/${app}/bin/${command}.js`);
  return [`${command} ${words}`, process.execPath, [file, ...words.split(" ")]] as const;
}

function measure(program: string, words: readonly string[]): number {
  const begun = performance.now();
  const { status, error, stderr } = spawnSync(program, words, { cwd: ROOT, encoding: "utf8" });
  const ms = performance.now() - begun;
  if (status === 0) return ms;
  process.stderr.write(`${program} ${words.join(" ")}: ${error?.message ?? stderr}\n`);
  process.exit(1);
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "20" },
    write: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
const taken = new Map<string, number[]>(COMMANDS.map(([name]) => [name, []]));
// The first round is not counted: it makes the bundles.
for (let round = 0; round <= rounds; round += 1) {
  for (const [name, program, words] of COMMANDS) {
    const ms = measure(program, words);
    if (round > 0) taken.get(name)?.push(ms);
  }
}

const alone = taken.get(NODE_ALONE) ?? [];
const missed: string[] = [];
const rows = [...taken].map(([name, ms]) => {
  const own = name.startsWith("flashline");
  if (own && median(ms) > TARGET_MS) missed.push(`${name}: ${seconds(median(ms))} s`);
  const ratio = median(ms.map((each, round) => each / (alone[round] ?? Number.NaN)));
  return [
    `\`${name}\``,
    seconds(median(ms)),
    seconds(Math.min(...ms)),
    ratio.toFixed(1),
    own ? `≤ ${seconds(TARGET_MS)}` : "",
  ];
});
const head = ["command", "median", "least", "of node alone", "target"];
const text = `${when()}. ${rounds} rounds, seconds.\n\n${markdown(head, rows)}`;
process.stdout.write(`${text}\n`);
if (values.write) putIntoDocument("start", text);
for (const line of missed) process.stdout.write(`missed: ${line}\n`);
process.exitCode = missed.length === 0 ? 0 : 1;
