// npm run bench:station [-- --seconds N] [--nests 1,4,8,16] [--write]
// A real agent at a real server, with virtual units in real time: units an hour against the chips' own time, from START to the first request, what a
// unit costs. --write puts the table into docs/benchmarks.md. Exit code 1 when the target is missed.
import { parseArgs } from "node:util";
import { putIntoDocument } from "../document.ts";
import { chipsOwnMs, measureStations } from "./measure.ts";
import { reportStations } from "./report.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    nests: { type: "string", default: "1,4,8,16" },
    write: { type: "boolean", default: false },
  },
});
const say = (line: string) => void process.stdout.write(`${line}\n`);
const counts = values.nests.split(",").map(Number);
const figures = await measureStations(counts, Number(values.seconds), say);
const { text, missed } = reportStations(figures, await chipsOwnMs());
say(`\n${text}`);
if (values.write) putIntoDocument("station", text);
for (const line of missed) say(`missed: ${line}`);
process.exitCode = missed.length === 0 ? 0 : 1;
