// npm run bench:server [-- --seconds N] [--only WORD] [--postgres BIN] [--statements] [--write] [--keep-as-before]
// How many units a server brings through, against pgbench on the same rows in the same run; what a unit costs; how long stations wait.
// --postgres takes another PostgreSQL's bin folder; --only measures the rows with that word, or "idle". --write puts the table into
// docs/benchmarks.md (npm run format lays before.json out); --keep-as-before makes these figures the ones to be compared with.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { putIntoDocument } from "../document.ts";
import type { ServerFigure } from "./figures.ts";
import { measureBusy, measureIdle } from "./measure.ts";
import { missedBy, reportServer } from "./report.ts";

const BEFORE = fileURLToPath(new URL("before.json", import.meta.url));
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "10" },
    only: { type: "string", default: "" },
    postgres: { type: "string" },
    statements: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    "keep-as-before": { type: "boolean", default: false },
  },
});
const say = (line: string) => void process.stdout.write(`${line}\n`);
const { only, postgres, statements } = values;
const options = { seconds: Number(values.seconds), postgres, statements, say };

const ROWS = [
  ["queues on PostgreSQL", { queues: "postgresql", replicas: 1 }],
  ["queues on Redis", { queues: "redis", replicas: 1 }],
  ["two replicas, PostgreSQL", { queues: "postgresql", replicas: 2 }],
  ["two replicas, Redis", { queues: "redis", replicas: 2 }],
] as const;

const before = JSON.parse(readFileSync(BEFORE, "utf8")) as readonly ServerFigure[];
const figures: ServerFigure[] = [];
for (const [name, parts] of ROWS.filter(([name]) => name.includes(only))) {
  figures.push(await measureBusy(name, parts, options));
}
const idle = "idle".includes(only) ? await measureIdle(options) : undefined;
const text = reportServer(figures, before, idle);
say(`\n${text}`);
if (values["keep-as-before"]) {
  const kept = before.filter((old) => !figures.some(({ name }) => name === old.name));
  writeFileSync(BEFORE, `${JSON.stringify([...kept, ...figures], undefined, 2)}\n`);
}
if (values.write && only === "") putIntoDocument("server", text);
else if (values.write) say("not written: --only measures only a part of the table");
const missed = missedBy(figures);
for (const line of missed) say(`missed: ${line}`);
process.exit(missed.length === 0 ? 0 : 1);
