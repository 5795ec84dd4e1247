// Gives the orders of a CSV file to Flashline: node orders.mjs orders.csv
// It may run as often as it likes: an order that is there with the same content is answered as it is.
import { readFileSync } from "node:fs";
import { ask } from "./server.mjs";

const [, ...lines] = readFileSync(process.argv[2], "utf8").trim().split(/\r?\n/);
for (const line of lines) {
  const [number, product, version, quantity, stations = ""] = line.split(",");
  const order = await ask("POST", "/v1/work-orders", {
    number,
    product,
    version,
    quantity: Number(quantity),
    // Several are separated by blanks.
    stations: stations.split(" ").filter((station) => station !== ""),
  });
  console.log(`${order.number}: ${order.state}, ${order.passed} of ${order.quantity} passed`);
}
