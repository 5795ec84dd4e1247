// Appends every new result to a CSV file, each one once: node results.mjs results.csv [SECONDS]
// It waits so long for new ones (0). The file itself says where to go on, so that it can be stopped at any moment.
import { existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { ask } from "./server.mjs";

const HEAD = "position,at,serial,product,release,order,station,outcome,code\n";

const [, , file, seconds = "0"] = process.argv;
if (!existsSync(file)) writeFileSync(file, HEAD);
const written = readFileSync(file);
// A last line that a power cut tore off is written again.
const whole = written.lastIndexOf("\n") + 1;
truncateSync(file, whole);
const last = written.subarray(0, whole).toString().trimEnd().split("\n").at(-1);
let position = Number(last.split(",")[0]) || 0;

let count = 0;
for (;;) {
  const { events } = await ask(
    "GET",
    `/v1/feed?after=${position}&waitMs=${Number(seconds) * 1000}`,
  );
  if (events.length === 0) break;
  for (const event of events) {
    position = event.position;
    if (event.kind !== "attempt.finished") continue;
    const { product, version, order, station, outcome, code } = event.data;
    const serial = event.subject.name;
    const cells = [position, event.at, serial, product, version, order, station, outcome, code];
    writeFileSync(file, `${cells.join(",")}\n`, { flag: "a" });
    count += 1;
  }
}
console.log(`${count} new results`);
