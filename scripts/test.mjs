// `npm test`: everything that is checked, in one command. The last line is "N passed, N failed", from the real counts.
//   node scripts/test.mjs [--nightly] [STEP]…      STEP: check, or the name of a suite or another step; all when none is named
import { spawn } from "node:child_process";
import { createWriteStream, readdirSync, readFileSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { debianPostgres, installPackages } from "./packages.mjs";
import { prepare } from "./prepare.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const artifacts = join(root, "artifacts");
const words = process.argv.slice(2);
const nightly = words.includes("--nightly");
const chosen = words.filter((word) => !word.startsWith("-"));

const modules = join(root, "node_modules");
const vitest = join(modules, "vitest/vitest.mjs");

/** A command that has passed when it ends with 0. */
const CHECKS = [
  // Longest first: two run at a time.
  { name: "types", words: [join(modules, "typescript/bin/tsc"), "-b"] },
  {
    name: "format and lint",
    words: [join(modules, "@biomejs/biome/bin/biome"), "check", "--error-on-warnings"],
  },
  { name: "unused", words: [join(modules, "knip/bin/knip.js")] },
  // A lock file that `npm ci` refuses is found by nobody who has node_modules already.
  { name: "lock file", program: "npm", words: ["ci", "--dry-run", "--offline"] },
  { name: "circles", words: [join(root, "scripts/circles.mjs")] },
  { name: "docstrings", words: [join(root, "scripts/docstrings.mjs")] },
  { name: "duplicates", words: [join(modules, "jscpd/run-jscpd.js")] },
];

/** Tests of vitest: a project, or some of its files. */
const suite = (name, project = name, files = [], more = {}) => ({ name, project, files, more });
const engine = (name) => `test/engine/${name}.test.ts`;
/** Tests below a folder whose number of runs is given from outside: none is forgotten at night. */
const propertiesIn = (folder) =>
  readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, name))
    .filter((file) => file.endsWith(".test.ts"))
    .filter((file) => readFileSync(join(root, file), "utf8").includes("FLASHLINE_RUNS"));

/**
 * `unit` computes and `server` waits for its database: they share the two cores. The others time what they see, and are alone at
 * night. By day `cli` and `e2e` share: their processes wait for one another more than they work.
 */
const SUITES = (
  nightly
    ? [["unit", "server"], ["cli"], ["e2e"], ["vm"]]
    : [["unit", "server"], ["e2e", "cli"], ["vm"]]
).map((round) => round.map((name) => suite(name)));

/** Runs of each property of no false PASS, and seconds of fuzzing. */
const NIGHTLY_RUNS = process.env["FLASHLINE_RUNS"] ?? "100000";
const NIGHTLY_FUZZ_SECONDS = process.env["FLASHLINE_FUZZ_SECONDS"] ?? "1200";
/** Rounds of chaos on each kind of queue. */
const NIGHTLY_CHAOS = process.env["FLASHLINE_CHAOS_ROUNDS"] ?? "20";
const long = { FLASHLINE_RUNS: NIGHTLY_RUNS };

const MODEL = "apps/server/src/model/model.test.ts";

/** What only computes, longest first. Two at a time: each keeps one core busy. */
const PASS_PROPERTIES = ["no-false-pass-library", "no-false-pass"];
const COMPUTING = [
  ...PASS_PROPERTIES.map((name) => suite(name, "unit", [engine(name)], long)),
  {
    name: "fuzz",
    words: [
      ...[join(modules, "tsx/dist/cli.mjs"), "--conditions=source"],
      ...[join(root, "test/fuzz/main.ts"), "--seconds", NIGHTLY_FUZZ_SECONDS],
    ],
  },
  suite(
    "other-properties",
    "unit",
    propertiesIn("test/engine").filter((file) => !PASS_PROPERTIES.map(engine).includes(file)),
    long,
  ),
  suite(
    "requests",
    "server",
    propertiesIn("apps/server/src").filter((file) => file !== MODEL),
    long,
  ),
  { name: "coverage", words: [join(root, "scripts/coverage.mjs")] },
];
/** Alone: two replicas and a database share the cores already. */
const MODEL_STEP = suite("model", "server", [MODEL], long);
/** Alone: it looks at what a unit costs. */
const STATION_SOAK = {
  name: "station-soak",
  words: [
    ...[join(modules, "tsx/dist/cli.mjs"), "--conditions=source"],
    join(root, "test/bench/station/soak.ts"),
  ],
};
const CHAOS_TEST = "apps/server/src/chaos/chaos.test.ts";
const CHAOS = [
  suite("chaos", "server", [CHAOS_TEST], { FLASHLINE_CHAOS_ROUNDS: NIGHTLY_CHAOS }),
  // Where PostgreSQL is, is known once it is installed.
  suite("chaos-debian", "server", [CHAOS_TEST], () => ({
    FLASHLINE_CHAOS_ROUNDS: String(Math.ceil(Number(NIGHTLY_CHAOS) / 2)),
    FLASHLINE_TEST_POSTGRES: debianPostgres(),
  })),
];

/** One after the other; what is in one round runs side by side. */
const ROUNDS = nightly
  ? [CHECKS, COMPUTING, ...SUITES, [MODEL_STEP], [STATION_SOAK], ...CHAOS.map((one) => [one])]
  : [CHECKS, ...SUITES];
/** This machine may have more cores; what `npm test` takes is said of two. */
const AT_ONCE = 2;
const CHECK_NAMES = CHECKS.map(({ name }) => name);
const NAMES = ROUNDS.flat().map(({ name }) => name);
/** A step that takes longer has hung. */
const STEP_MINUTES = nightly ? 60 : 12;
const OUTPUT_LINES_SHOWN = 150;

const environment = {
  ...process.env,
  // The output is kept in files and shown as it is.
  NO_COLOR: "1",
  FORCE_COLOR: undefined,
  // Counts are those of each step.
  FLASHLINE_RUNS: undefined,
  FLASHLINE_CHAOS_ROUNDS: undefined,
  ...(nightly ? { FLASHLINE_NIGHTLY: "1" } : {}),
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
  const unknown = chosen.filter((name) => name !== "check" && !NAMES.includes(name));
  for (const name of unknown) say(`there is no suite "${name}"`);
  counts.failed += unknown.length;
  try {
    for (const line of await prepare()) say(line);
    for (const line of await installPackages({ nightly })) say(line);
  } catch (error) {
    say(error.message);
    return { passed: counts.passed, failed: counts.failed + 1 };
  }
  for (const round of ROUNDS) {
    const waiting = round.filter(({ name }) => isChosen(name));
    const lane = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) add(await runStep(next));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
  }
  return counts;
}

const isChosen = (name) =>
  chosen.length === 0 ||
  chosen.includes(name) ||
  (chosen.includes("check") && CHECK_NAMES.includes(name));

const runStep = (step) => (step.project === undefined ? runCheck(step) : runSuite(step));

async function runCheck({ name, program, words }) {
  const result = await run(name, words, program);
  const counts = result.ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  report(name, counts, result);
  return counts;
}

async function runSuite({ name, project, files, more }) {
  const file = join(artifacts, `${fileName(name)}.json`);
  await rm(file, { force: true });
  const words = [
    ...[vitest, "run", "--project", project, ...files],
    ...["--reporter=default", "--reporter=json", `--outputFile.json=${file}`],
  ];
  const result = await run(
    name,
    words,
    process.execPath,
    typeof more === "function" ? more() : more,
  );
  const counts = countsOf(await readReport(file), result);
  report(name, counts, result);
  return counts;
}

const fileName = (name) => name.replaceAll(" ", "-");

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
  say(`${name.padEnd(22)} ${numbers} ${seconds.toFixed(1).padStart(7)} s`);
  if (failed === 0) return;
  const lines = output.trimEnd().split("\n");
  for (const line of lines.slice(-OUTPUT_LINES_SHOWN)) say(`    ${line}`);
}

/** Runs a program, node's unless another one is named, with its output kept in artifacts/NAME.log and `more` in its environment. */
function run(name, words, program = process.execPath, more = {}) {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(program, words, {
      cwd: root,
      env: { ...environment, ...more },
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own: what a suite starts must end with it, also when the suite itself cannot see to that.
      detached: true,
    });
    running.add(child);
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      endGroup(child);
    }, STEP_MINUTES * 60_000);
    const log = createWriteStream(join(artifacts, `${fileName(name)}.log`));
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
      if (late) keep(`\nended after ${STEP_MINUTES} minutes\n`);
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

const began = performance.now();
const { passed, failed } = await main();
say(`${"all".padEnd(22)} ${((performance.now() - began) / 60_000).toFixed(1).padStart(32)} min`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
say(`${passed} passed, ${failed} failed`);
