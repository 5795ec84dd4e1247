// npm run bench:canary [-- --runs N] [--seed N] [--write]
// How often a canary that is no worse is paused, and after how many units one that is worse is. No server runs: the rules and the evidence are
// the server's own, the plant is worked out with a seeded generator. --write puts the tables into docs/releases.md. Exit code 1 when canaries
// that are no worse are paused more often than 1 in 20.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { PAUSE_AT, randomFrom } from "@flashline/server/testing";
import { markdown } from "../document.ts";
import { type Case, type Ended, runCanary } from "./plant.ts";

const DOCUMENT = fileURLToPath(new URL("../../../docs/releases.md", import.meta.url));

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "4000" },
    seed: { type: "string", default: "20261129" },
    write: { type: "boolean", default: false },
  },
});
const runs = Number(values.runs);
const seed = Number(values.seed);

type Place = Omit<Case, "rate" | "canaryRate">;
const PLANTS: readonly (readonly [string, Place])[] = [
  ["50 units at 1 of 10 stations", { stations: 10, canaryStations: 1, units: 50, before: 1200 }],
  ["200 units at 2 of 10 stations", { stations: 10, canaryStations: 2, units: 200, before: 2000 }],
  ["20 units at the only station", { stations: 1, canaryStations: 1, units: 20, before: 480 }],
  ["50 units at 1 of 2, nothing before", { stations: 2, canaryStations: 1, units: 50, before: 0 }],
];
/** Plants in which both releases are equally good. Nothing is promised where the rate changes with time. */
const NO_WORSE: readonly (readonly [string, Pick<Case, "rate" | "batch" | "earlier">])[] = [
  ["0.1 %", { rate: 0.001 }],
  ["1 %", { rate: 0.01 }],
  ["5 %", { rate: 0.05 }],
  ["bad batch", { rate: 0.01, batch: { from: 5, to: 25, times: 10 } }],
  ["fails fast", { rate: 0.05, earlier: 5 }],
];
const WORSE = [0.03, 0.1, 0.3, 1];
/** At this rate of the predecessor. */
const BASE = 0.005;

const many = (of: Case): readonly Ended[] => {
  const random = randomFrom(seed);
  return Array.from({ length: runs }, () => runCanary(of, random));
};
const paused = (ended: readonly Ended[]): readonly number[] =>
  ended.filter((one) => one !== null).toSorted((a, b) => a - b);
const percent = (part: number): string =>
  `${((100 * part) / runs).toFixed(part * 100 < runs ? 2 : 1)} %`;
const quantile = (sorted: readonly number[], q: number): string =>
  String(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? "–");

const missed: string[] = [];
const falsely = PLANTS.map(([name, place]) => [
  name,
  ...NO_WORSE.map(([what, { rate, ...more }]) => {
    const count = paused(many({ ...place, ...more, rate, canaryRate: rate })).length;
    const isPromised = more.batch === undefined;
    if (isPromised && count / runs > 1 / PAUSE_AT)
      missed.push(`${name}, ${what}: ${percent(count)}`);
    return percent(count);
  }),
]);
const delays = PLANTS.map(([name, place]) => [
  name,
  ...WORSE.map((canaryRate) => {
    const sorted = paused(many({ ...place, rate: BASE, canaryRate }));
    const of = percent(sorted.length);
    return sorted.length === 0 ? of : `${of} · ${quantile(sorted, 0.5)} / ${quantile(sorted, 0.9)}`;
  }),
]);

const day = new Date().toISOString().slice(0, 10);
const text = `Worked out on ${day}, ${runs} canaries a cell, seed ${seed} (\`npm run bench:canary\`).

Paused although it was **no worse**, by the share of units that fail by the image with either release. Bad batch: 1 %, and ten times as many of
both while it lasts. Fails fast: 5 %, and a failure is told after half a minute, a pass after three.

${markdown(["canary", ...NO_WORSE.map(([what]) => what)], falsely)}
Paused because it was **worse** (its predecessor: ${BASE * 100} %): share · units that had it by then, median / 90 %.

${markdown(["canary", ...WORSE.map((rate) => `${rate * 100} %`)], delays)}`;
process.stdout.write(text);
if (values.write) {
  const [begin, end] = ["<!-- canary figures -->", "<!-- end of canary figures -->"];
  const document = readFileSync(DOCUMENT, "utf8");
  const [from, to] = [document.indexOf(begin) + begin.length, document.indexOf(end)];
  writeFileSync(DOCUMENT, `${document.slice(0, from)}\n\n${text}\n${document.slice(to)}`);
}
for (const line of missed) process.stderr.write(`Too often: ${line}\n`);
process.exitCode = missed.length === 0 ? 0 : 1;
