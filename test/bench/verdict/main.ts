// npm run bench:verdict [-- --seeds N] [--first SEED] [--only WORD] [--second] [--write] [--server N [--folder F]]
// How soon the detector finds a bad host, a bad model, a bad port, and how often it is wrong, in simulated plants whose truth is known.
// --seeds: how many plants of each kind, from seed --first on; the same seeds give the same figures. --only measures the cases with that
// word in their name. --second measures the same cases in plants of a second simulator, which another author wrote. --write puts the table
// into docs/benchmarks.md, that of the second simulator into a place of its own. --server measures only what it costs the server to take
// in N results, with their transactions; --folder keeps its database.
import { parseArgs } from "node:util";
import { putIntoDocument } from "../document.ts";
import { CASES } from "./cases.ts";
import { measureCost } from "./cost.ts";
import { reportVerdict } from "./report.ts";
import { measureServer } from "./server.ts";
import { FIRST, SECOND } from "./simulators.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1" },
    first: { type: "string", default: "1" },
    only: { type: "string", default: "" },
    second: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    server: { type: "string" },
    folder: { type: "string" },
  },
});
const say = (line: string) => void process.stdout.write(`${line}\n`);
if (values.server !== undefined)
  process.exit((await measureServer(Number(values.server), values.folder, say)) ? 0 : 1);
const [seeds, first] = [Number(values.seeds), Number(values.first)];

const isSecond = values.second;
const cost = { name: "cost", measure: () => [measureCost(first)] };
// What a result costs does not depend on who made it up.
const rows = [...(isSecond ? [] : [cost]), ...CASES]
  .filter(({ name }) => name.includes(values.only))
  .flatMap(({ name, measure }) => {
    const began = performance.now();
    const found = measure(isSecond ? SECOND : FIRST, seeds, first);
    say(`${name}: ${((performance.now() - began) / 1000).toFixed(0)} s`);
    for (const { plant, what, detector, target, isMet } of found)
      say(
        `  ${plant}, ${what}: ${detector}${target && `, target ${target}`}${isMet === false ? ", MISSED" : ""}`,
      );
    return found;
  });
const text = reportVerdict(rows, { seeds, first, isSecond });
say(`\n${text}`);
if (values.write && values.only === "")
  putIntoDocument(isSecond ? "second verdict" : "verdict", text);
else if (values.write) say("not written: --only measures a part of the table");
process.exit(rows.every(({ isMet }) => isMet !== false) ? 0 : 1);
