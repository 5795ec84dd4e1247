// npm run bench:flash [-- --pairs N] [--only machine|process|replay|parts] [--write]
// This engine against dfu-util: the same virtual unit, the same image, in turn (machine); and the engine alone (process).
// Each kind of part costs so many transfers beside dfu-util's own sequence (parts, seconds on a virtual clock).
// What was recorded is replayed without the machine, also again later (replay).
// --write puts the figures into docs/benchmarks.md. Exit code 1 when a target is missed.
import { parseArgs } from "node:util";
import { putIntoDocument } from "./document.ts";
import { runEmulated } from "./emulated.ts";
import { figuresOf } from "./figures.ts";
import { measureInProcess } from "./in-process.ts";
import { measureParts } from "./parts.ts";
import { keepRecordings, keptRecordings, lastRounds } from "./recordings.ts";
import { replayAll } from "./replay.ts";
import {
  type Reported,
  reportEmulated,
  reportInProcess,
  reportParts,
  reportReplayed,
} from "./report.ts";

const { values } = parseArgs({
  options: {
    pairs: { type: "string", default: "5" },
    only: { type: "string" },
    write: { type: "boolean", default: false },
  },
});
const say = (line: string) => void process.stdout.write(`${line}\n`);
const missed: string[] = [];

function publish(name: string, reported: Reported): void {
  missed.push(...reported.missed);
  say(`\n${reported.text}`);
  if (values.write) putIntoDocument(name, reported.text);
}

if (values.only === undefined || values.only === "process") {
  publish("process", reportInProcess(await measureInProcess(say)));
}
if (values.only === undefined || values.only === "machine") {
  const pairs = Number(values.pairs);
  const samples = await runEmulated(pairs, say);
  await keepRecordings(lastRounds(samples));
  publish("machine", reportEmulated(figuresOf(samples), pairs));
}
if (values.only === undefined || values.only === "parts") {
  publish("parts", reportParts(await measureParts()));
}
if (values.only !== "process" && values.only !== "parts") {
  publish("replay", reportReplayed(replayAll(await keptRecordings())));
}
for (const line of missed) say(`missed: ${line}`);
process.exit(missed.length === 0 ? 0 : 1);
