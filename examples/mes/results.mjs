// Appends every new result to a CSV file, each one once: node results.mjs results.csv
// Run it every few seconds. What it has written already is in the file itself, so that it can be stopped at any moment.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { ask } from "./server.mjs";

const HEAD = "attempt,receivedAt,serial,product,release,order,station,outcome,code\n";
/** Rows that are looked at beyond the newest known one: a result that was received first may be stored last. */
const OVERLAP = 50;

const file = process.argv[2];
if (!existsSync(file)) appendFileSync(file, HEAD);
const written = readFileSync(file, "utf8");
// A last line that a power cut tore off is written again.
const known = new Set(
  written
    .slice(0, written.lastIndexOf("\n") + 1)
    .split("\n")
    .map((line) => line.split(",")[0]),
);
if (!written.endsWith("\n")) appendFileSync(file, "\n");

const fresh = [];
let after = "";
let seen = 0;
while (seen < OVERLAP) {
  const page = await ask("GET", `/v1/attempts?limit=100${after}`);
  if (page.length === 0) break;
  for (const attempt of page) {
    if (known.has(attempt.id)) seen += 1;
    else if (attempt.outcome !== null) fresh.push(attempt);
  }
  after = `&after=${page.at(-1).id}`;
}
for (const one of fresh.reverse()) {
  const { id, receivedAt, serial, product, version, workOrder, station, outcome, code } = one;
  const cells = [id, receivedAt, serial, product, version, workOrder, station, outcome, code ?? ""];
  appendFileSync(file, `${cells.join(",")}\n`);
}
console.log(`${fresh.length} new results`);
