// npm run bench:growth [-- --attempts N] [--folder F] [--only WORD] [--without-list] [--write] [--keep-as-before]
// How long everything that can be looked at takes when a plant has made many attempts, and a station's way to a job.
// --folder keeps the database, so that the next run need not fill it; --only asks what has that word in its name; --without-list reads no list
// of all units, which takes minutes at ten million. --write puts the
// table into docs/benchmarks.md (npm run format lays before.json out); --keep-as-before makes these figures the ones to be compared with.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { temporaryDataFolder } from "@flashline/server/testing/data-folder";
import { openGrown } from "../../grown/plant.ts";
import { putIntoDocument } from "../document.ts";
import { type GrowthFigure, type ListFigure, measureGrowth, measureList } from "./measure.ts";
import { missedGrowth, missedList, reportGrowth, reportList } from "./report.ts";

const BEFORE = fileURLToPath(new URL("before.json", import.meta.url));
const { values } = parseArgs({
  options: {
    attempts: { type: "string", default: "1000000" },
    folder: { type: "string" },
    only: { type: "string", default: "" },
    write: { type: "boolean", default: false },
    "without-list": { type: "boolean", default: false },
    "keep-as-before": { type: "boolean", default: false },
  },
});
const say = (line: string) => void process.stdout.write(`${line}\n`);
const folder = values.folder ?? temporaryDataFolder("growth");
const plant = await openGrown(folder, Number(values.attempts), say);
let figures: readonly GrowthFigure[];
let list: ListFigure | undefined;
try {
  if ("containment.csv".includes(values.only) && !values["without-list"]) {
    list = await measureList(plant);
    say(reportList(list));
  }
  figures = await measureGrowth(plant, values.only, say);
} finally {
  await plant.close();
  if (values.folder === undefined) rmSync(folder, { recursive: true, force: true });
}
const before = JSON.parse(readFileSync(BEFORE, "utf8")) as readonly Pick<
  GrowthFigure,
  "name" | "p95"
>[];
const text = [
  reportGrowth(figures, before, plant.attempts).trimEnd(),
  ...(list === undefined ? [] : [reportList(list)]),
].join("\n\n");
say(`\n${text}`);
if (values["keep-as-before"])
  writeFileSync(
    BEFORE,
    `${JSON.stringify(
      figures.map(({ name, p95 }) => ({ name, p95 })),
      undefined,
      2,
    )}\n`,
  );
if (values.write && values.only === "") putIntoDocument("growth", text);
else if (values.write) say("not written: --only asks only a part of it");
const missed = [
  ...missedGrowth(figures, plant.attempts),
  ...(list === undefined ? [] : missedList(list)),
];
for (const line of missed) say(`missed: ${line}`);
process.exit(missed.length === 0 ? 0 : 1);
