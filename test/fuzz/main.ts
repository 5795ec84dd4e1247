// Coverage-guided fuzzing of every parser, bounded in time:  npm run fuzz -- [--seconds N] [--target NAME] [--seed N]
// Inputs that crash, hang or take too much memory are written to artifacts/fuzz; the exit code is then 1. What reaches something
// new is kept in artifacts/fuzz/corpus, and the next run begins with it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { type BuildOptions, build } from "esbuild";
import { loadCorpus, nameOf, saveCorpus } from "./corpus.ts";
import type { FuzzJob, FuzzResult } from "./job.ts";
import { LONGEST_INPUT } from "./mutate.ts";
import { TARGET_NAMES } from "./targets.ts";

/** No parser takes a thousandth of it for one input. */
const HANG_MS = 10_000;
const HEAP_MB = 256;
const here = fileURLToPath(new URL(".", import.meta.url));
const artifacts = join(here, "../../artifacts/fuzz");

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "80" },
    target: { type: "string" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const targets = values.target === undefined ? TARGET_NAMES : [values.target];
const unknown = targets.filter((name) => !TARGET_NAMES.includes(name));
const ms = (Number(values.seconds) * 1000) / targets.length;

async function bundle(folder: string): Promise<{ parsers: string; worker: string }> {
  const common: BuildOptions = {
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    conditions: ["source"],
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    // Where the seeds look for the vector files from.
    define: { "import.meta.url": JSON.stringify(import.meta.url) },
  };
  await build({ ...common, entryPoints: [join(here, "targets.ts"), join(here, "worker.ts")] });
  return { parsers: join(folder, "targets.mjs"), worker: join(folder, "worker.mjs") };
}

/** One parser in a thread of its own, which can be ended when it hangs. */
function fuzz(target: string, files: { parsers: string; worker: string }): Promise<FuzzResult> {
  const job: FuzzJob = {
    target,
    parsers: files.parsers,
    seed: Number(values.seed),
    corpus: loadCorpus(join(artifacts, "corpus", target)),
    ms,
    beat: new SharedArrayBuffer(8),
    input: new SharedArrayBuffer(LONGEST_INPUT),
  };
  const beat = new Int32Array(job.beat);
  const worker = new Worker(files.worker, {
    workerData: job,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  return new Promise((resolve) => {
    let last = -1;
    const timer = setInterval(() => {
      if (beat[0] === last) fail("hung");
      last = beat[0] ?? 0;
    }, HANG_MS);
    const done = (result: FuzzResult) => {
      clearInterval(timer);
      void worker.terminate();
      resolve(result);
    };
    const fail = (what: string) => {
      const input = new Uint8Array(job.input).slice(0, beat[1]);
      done({ runs: beat[0] ?? 0, corpus: job.corpus, reached: 0, findings: [{ what, input }] });
    };
    worker.on("message", done);
    worker.on("error", (error) => fail(`ended the thread: ${error.stack ?? error.message}`));
  });
}

const say = (text: string) => void process.stdout.write(`${text}\n`);

if (unknown.length > 0 || !(ms > 0)) {
  say(`expected --seconds above 0 and a --target of ${TARGET_NAMES.join(", ")}`);
  process.exitCode = 2;
} else {
  const folder = mkdtempSync(join(tmpdir(), "flashline-fuzz-"));
  let found = 0;
  try {
    const files = await bundle(folder);
    say(`seed ${values.seed}, ${(ms / 1000).toFixed(1)} s a parser`);
    for (const target of targets) {
      const { runs, corpus, reached, findings } = await fuzz(target, files);
      say(
        `${target.padEnd(12)} ${runs} runs, corpus ${corpus.length}, ${reached} characters reached`,
      );
      saveCorpus(join(artifacts, "corpus", target), corpus);
      found += findings.length;
      for (const { what, input } of findings) {
        const file = join(artifacts, `${target}-${nameOf(input)}`);
        mkdirSync(artifacts, { recursive: true });
        writeFileSync(file, input);
        say(`  FOUND ${what}\n  input: ${file}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  say(found === 0 ? "no crash, no hang, memory bounded" : `${found} findings`);
  process.exitCode = found === 0 ? 0 : 1;
}
