import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { tryBounded } from "./bounded.ts";
import { Coverage } from "./coverage.ts";
import type { FuzzJob, FuzzResult } from "./job.ts";
import { mutate, Random } from "./mutate.ts";
import { SEEDS, WORDS } from "./seeds.ts";

/** Inputs between two looks at the coverage. */
const BATCH = 64;

const job: FuzzJob = workerData;
const script = pathToFileURL(job.parsers).href;
const coverage = new Coverage(script, readFileSync(job.parsers, "utf8").length);
const { tryTarget }: typeof import("./targets.ts") = await import(script);
const beat = new Int32Array(job.beat);
const current = new Uint8Array(job.input);
const random = new Random(job.seed);
const words = WORDS[job.target] ?? [];
/** What is mutated: the seeds, and what reached something new. */
const corpus: Uint8Array[] = [];
const kept: Uint8Array[] = [];
const findings = new Map<string, FuzzResult["findings"][number]>();
let runs = 0;

/** Leaves the input where the main thread finds it, should this one never come back. */
function run(input: Uint8Array): void {
  current.set(input);
  Atomics.store(beat, 1, input.length);
  Atomics.add(beat, 0, 1);
  runs += 1;
  const wrong = tryBounded(tryTarget, job.target, input);
  if (wrong !== undefined) note(wrong, input);
}

/** The first input of each kind of finding. */
function note(what: string, input: Uint8Array): void {
  const kind = what.split("\n").slice(0, 2).join(" ").replace(/\d+/g, "N");
  if (!findings.has(kind)) findings.set(kind, { what, input: input.slice() });
}

function keepIfNew(input: Uint8Array): void {
  coverage.reset();
  run(input);
  if (!coverage.isNew(true)) return;
  corpus.push(input);
  kept.push(input);
}

for (const seed of SEEDS[job.target] ?? []) {
  keepIfNew(seed.slice());
  corpus.push(seed);
}
for (const input of [new Uint8Array(0), ...job.corpus]) keepIfNew(input);
const end = Date.now() + job.ms;
while (Date.now() < end) {
  const batch = Array.from({ length: BATCH }, () => {
    const input = random.pick(corpus) ?? new Uint8Array(0);
    return mutate(input, random, random.below(2) === 0 ? corpus : words);
  });
  coverage.reset();
  for (const input of batch) run(input);
  if (coverage.isNew(false)) for (const input of batch) keepIfNew(input);
}
const result: FuzzResult = {
  runs,
  corpus: kept,
  reached: coverage.reached,
  findings: [...findings.values()],
};
parentPort?.postMessage(result);
