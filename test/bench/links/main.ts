// npm run bench:links [-- --runs N] [--unit NAME] [--link WORD] [--write] [--keep-as-before]
// How long units take over bad links, on a virtual clock: the same figures on every machine, but for the engine.
// --write puts the table into docs/benchmarks.md (npm run format lays before.json out); --keep-as-before makes today's figures the ones to be compared with.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { putIntoDocument } from "../document.ts";
import { LINKS, type LinkFigure, measureLink, UNITS } from "./measure.ts";
import { counterpart, reportLinks } from "./report.ts";

const BEFORE = fileURLToPath(new URL("before.json", import.meta.url));
const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "20" },
    unit: { type: "string" },
    link: { type: "string" },
    write: { type: "boolean", default: false },
    "keep-as-before": { type: "boolean", default: false },
  },
});
const say = (line: string) => void process.stdout.write(`${line}\n`);
const { unit, link = "" } = values;

const before = JSON.parse(readFileSync(BEFORE, "utf8")) as readonly LinkFigure[];
const figures: LinkFigure[] = [];
for (const one of UNITS.filter(([name]) => unit === undefined || name === unit)) {
  for (const each of LINKS.filter(({ name }) => name.includes(link) || name === "sound")) {
    const figure = await measureLink(one, each, Number(values.runs));
    figures.push(figure);
    const { passed, runs, medianMs, longestMs } = figure;
    say(`${one[0]}, ${each.name}: ${passed} of ${runs}, ${medianMs} (${longestMs}) ms`);
  }
}
const text = reportLinks(figures, before);
say(`\n${text}`);
if (values["keep-as-before"]) {
  const kept = before.filter((old) => counterpart(old, figures) === undefined);
  writeFileSync(BEFORE, `${JSON.stringify([...kept, ...figures], undefined, 2)}\n`);
}
if (values.write && unit === undefined && link === "") putIntoDocument("links", text);
else if (values.write) say("not written: --unit and --link measure only a part of the table");
