// `npm test`: everything that is checked, in one command. The last line is "N passed, N failed", from the real counts.
//   node scripts/test.mjs [--nightly] [SUITE]…      SUITE: check, unit, server, cli, e2e, vm; all of them when none is named
import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { installPackages } from "./packages.mjs";
import { prepare } from "./prepare.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const artifacts = join(root, "artifacts");
const words = process.argv.slice(2);
const nightly = words.includes("--nightly");
const chosen = words.filter((word) => !word.startsWith("-"));

const modules = join(root, "node_modules");
const NIGHTLY_FUZZ_SECONDS = 1200;
const fuzzWords = (seconds) => [
  join(modules, "tsx/dist/cli.mjs"),
  "--conditions=source",
  join(root, "test/fuzz/main.ts"),
  "--seconds",
  String(seconds),
];
const CHECKS = [
  // A lock file that `npm ci` refuses is found by nobody who has node_modules already.
  { name: "lock file", program: "npm", words: ["ci", "--dry-run", "--offline"] },
  {
    name: "format and lint",
    words: [join(modules, "@biomejs/biome/bin/biome"), "check", "--error-on-warnings"],
  },
  { name: "types", words: [join(modules, "typescript/bin/tsc"), "-b"] },
  { name: "unused", words: [join(modules, "knip/bin/knip.js")] },
  { name: "circles", words: [join(root, "scripts/circles.mjs")] },
  { name: "docstrings", words: [join(root, "scripts/docstrings.mjs")] },
  ...(nightly ? [{ name: "coverage", words: [join(root, "scripts/coverage.mjs")] }] : []),
  ...(nightly ? [{ name: "fuzz", words: fuzzWords(NIGHTLY_FUZZ_SECONDS) }] : []),
];
/** `unit` computes and `server` waits for its database: they share the two cores. The others time what they see. */
const ROUNDS = [["unit", "server"], ["cli"], ["e2e"], ["vm"]];
const SUITES = ROUNDS.flat();
/** A suite that takes longer has hung. */
const SUITE_MINUTES = nightly ? 240 : 8;
const OUTPUT_LINES_SHOWN = 150;

const environment = {
  ...process.env,
  // The output is kept in files and shown as it is.
  NO_COLOR: "1",
  FORCE_COLOR: undefined,
  ...(nightly ? { FLASHLINE_RUNS: "100000" } : {}),
};

/** What runs now, to be ended with this script. */
const running = new Set();

async function main() {
  await mkdir(artifacts, { recursive: true });
  const counts = { passed: 0, failed: 0 };
  const add = ({ passed, failed }) => {
    counts.passed += passed;
    counts.failed += failed;
  };
  const unknown = chosen.filter((name) => name !== "check" && !SUITES.includes(name));
  for (const name of unknown) say(`there is no suite "${name}"`);
  counts.failed += unknown.length;
  try {
    for (const line of await prepare()) say(line);
    for (const line of await installPackages()) say(line);
  } catch (error) {
    say(error.message);
    return { passed: counts.passed, failed: counts.failed + 1 };
  }
  if (isChosen("check")) for (const check of CHECKS) add(await runCheck(check));
  for (const round of ROUNDS) {
    for (const result of await Promise.all(round.filter(isChosen).map(runSuite))) add(result);
  }
  return counts;
}

const isChosen = (name) => chosen.length === 0 || chosen.includes(name);

async function runCheck({ name, program, words }) {
  const result = await run(name.replaceAll(" ", "-"), words, program);
  const counts = result.ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  report(name, counts, result);
  return counts;
}

async function runSuite(name) {
  const file = join(artifacts, `${name}.json`);
  await rm(file, { force: true });
  const result = await run(name, [
    join(modules, "vitest/vitest.mjs"),
    "run",
    "--project",
    name,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${file}`,
  ]);
  const counts = countsOf(await readReport(file), result);
  report(name, counts, result);
  return counts;
}

/** A suite that did not run, ran nothing, or skipped something, has failed: its silence must not look like success. */
function countsOf(report, { ok }) {
  if (report === undefined) return { passed: 0, failed: 1 };
  const passed = report.numPassedTests;
  const broken = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((t) => t.status === "failed"),
  );
  const skipped = report.numPendingTests + report.numTodoTests;
  const failed = report.numFailedTests + broken.length + skipped;
  return { passed, failed: failed === 0 && (passed === 0 || !ok) ? 1 : failed };
}

async function readReport(file) {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch {
    return undefined;
  }
}

function report(name, { passed, failed }, { seconds, output }) {
  const numbers = `${String(passed).padStart(5)} passed ${String(failed).padStart(3)} failed`;
  say(`${name.padEnd(16)} ${numbers} ${seconds.toFixed(1).padStart(7)} s`);
  if (failed === 0) return;
  const lines = output.trimEnd().split("\n");
  for (const line of lines.slice(-OUTPUT_LINES_SHOWN)) say(`    ${line}`);
}

/** Runs a program, node's unless another one is named, with its output kept in artifacts/NAME.log. */
function run(name, words, program = process.execPath) {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(program, words, {
      cwd: root,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own: what a suite starts must end with it, also when the suite itself cannot see to that.
      detached: true,
    });
    running.add(child);
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      endGroup(child);
    }, SUITE_MINUTES * 60_000);
    const log = createWriteStream(join(artifacts, `${name}.log`));
    let output = "";
    const keep = (chunk) => {
      log.write(chunk);
      output = (output + chunk).slice(-200_000);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", (error) => keep(String(error)));
    child.on("close", (code) => {
      clearTimeout(limit);
      running.delete(child);
      if (late) keep(`\nended after ${SUITE_MINUTES} minutes\n`);
      log.end();
      resolve({ ok: code === 0, output, seconds: (performance.now() - started) / 1000 });
    });
  });
}

function endGroup({ pid }) {
  try {
    process.kill(-pid, "SIGTERM");
  } catch {
    // It has ended by itself.
  }
}

function say(line) {
  process.stdout.write(`${line}\n`);
}

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    for (const child of running) endGroup(child);
    process.exit(1);
  });
}

const { passed, failed } = await main();
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
say(`${passed} passed, ${failed} failed`);
