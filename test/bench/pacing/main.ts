// npm run bench:pacing [-- --runs N] [--seed N] [--write]
// How often a trial of gentler pacing decides right, and how soon. No server runs: the trial is the product's own, its hosts are worked out with
// a seeded generator. --write puts the table into docs/benchmarks.md. Exit code 1 when `gentle` wins oftener than 1 in 20 where it helps nothing.
import { parseArgs } from "node:util";
import { type Arm, type Pair, standingOf, type Tried } from "@flashline/verdict";
import { markdown, putIntoDocument } from "../document.ts";
import { Random } from "../verdict/random.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "2000" },
    seed: { type: "string", default: "20261129" },
    write: { type: "boolean", default: false },
  },
});
const runs = Number(values.runs);

/** A kind of host. Shares of units that lose the link, and seconds. */
interface Kind {
  readonly name: string;
  readonly lost: Readonly<Record<Arm, number>>;
  /** Of those that lose it, how many fail. */
  readonly failed: number;
  /** What bringing the link back takes. */
  readonly recovery: number;
  /** What `gentle` takes longer. */
  readonly extra: number;
}

const KINDS: readonly Kind[] = [
  {
    name: "no help, 2 %",
    lost: { standard: 0.02, gentle: 0.02 },
    failed: 0.1,
    recovery: 5,
    extra: 9,
  },
  {
    name: "no help, 10 %",
    lost: { standard: 0.1, gentle: 0.1 },
    failed: 0.3,
    recovery: 10,
    extra: 9,
  },
  {
    name: "no help, 30 %, dear",
    lost: { standard: 0.3, gentle: 0.3 },
    failed: 1,
    recovery: 30,
    extra: 1,
  },
  {
    name: "worse, 10 → 20 %",
    lost: { standard: 0.1, gentle: 0.2 },
    failed: 0.3,
    recovery: 10,
    extra: 9,
  },
  {
    name: "cures, but recovery is cheap",
    lost: { standard: 0.1, gentle: 0.01 },
    failed: 0,
    recovery: 5,
    extra: 9,
  },
  {
    name: "cures 10 % → 1 %, small image",
    lost: { standard: 0.1, gentle: 0.01 },
    failed: 0.5,
    recovery: 10,
    extra: 1,
  },
  {
    name: "cures 30 % → 2 %, small image",
    lost: { standard: 0.3, gentle: 0.02 },
    failed: 0.5,
    recovery: 20,
    extra: 2,
  },
  {
    name: "cures 30 % → 2 %, large image",
    lost: { standard: 0.3, gentle: 0.02 },
    failed: 0.8,
    recovery: 30,
    extra: 12,
  },
  {
    name: "halves 30 % → 15 %, small image",
    lost: { standard: 0.3, gentle: 0.15 },
    failed: 0.5,
    recovery: 20,
    extra: 2,
  },
];
/** What a failed attempt costs beside its time, as the product counts it. Seconds. */
const FAILED_COSTS = 60;
const LENGTHS = [4, 7, 12] as const;

function tried({ lost, failed, recovery, extra }: Kind, arm: Arm, length: number, random: Random) {
  const incident = random.unit() < lost[arm];
  const own = (length + (arm === "gentle" ? extra : 0)) * random.factor(0.1);
  const seconds = own + (incident ? recovery * random.factor(0.8) : 0);
  return { incident, failed: incident && random.unit() < failed, seconds } satisfies Tried;
}

function* pairsOf(kind: Kind, random: Random): Generator<Pair> {
  for (;;) {
    const length = LENGTHS[random.below(LENGTHS.length)] ?? 0;
    yield {
      standard: tried(kind, "standard", length, random),
      gentle: tried(kind, "gentle", length, random),
    };
  }
}

/** What `gentle` saves a unit, in truth; seconds. */
const savesOf = ({ lost, failed, recovery, extra }: Kind): number =>
  (lost.standard - lost.gentle) * (recovery + failed * FAILED_COSTS) - extra;

const share = (part: number): string => `${((100 * part) / runs).toFixed(1)} %`;
const quantile = (sorted: readonly number[], q: number): string =>
  String(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? "–");

const missed: string[] = [];
const rows = KINDS.map((kind) => {
  const random = new Random(Number(values.seed));
  const ended = Array.from({ length: runs }, () => standingOf(pairsOf(kind, random)));
  const won = ended.filter(({ decision }) => decision === "gentle").length;
  const pairs = ended.map(({ figures }) => figures.pairs).toSorted((a, b) => a - b);
  if (kind.lost.gentle >= kind.lost.standard && won / runs > 1 / 20)
    missed.push(`${kind.name}: ${share(won)}`);
  return [
    ...[kind.name, savesOf(kind).toFixed(1), share(won), share(runs - won)],
    `${quantile(pairs, 0.5)} / ${quantile(pairs, 0.9)}`,
  ];
});
const day = new Date().toISOString().slice(0, 10);
const text = `Worked out on ${day}, ${runs} trials a row, seed ${values.seed}.

${markdown(["kind of host", "gentle saves, s a unit", "gentle wins", "standard stays", "pairs, median / 90 %"], rows)}`;
process.stdout.write(text);
if (values.write) putIntoDocument("pacing", text);
for (const line of missed) process.stderr.write(`gentle wins too often: ${line}\n`);
process.exitCode = missed.length === 0 ? 0 : 1;
