import { WorkOrderView } from "@flashline/contract";
import { ago, id } from "./basics.ts";

export const workOrders = [
  ["WO-20418", 600, 418, 6, 5, "open"],
  ["WO-20401", 1200, 1200, 11, 0, "closed"],
].map(([number, quantity, done, failed, running, state], index) =>
  WorkOrderView.parse({
    id: id(7, index),
    number,
    product: "MC-2",
    version: index === 0 ? "2.8.1" : "2.7.0",
    channel: null,
    quantity,
    used: Number(done) + Number(running),
    passed: done,
    failed,
    running,
    state,
    stations: index === 0 ? ["L3-02", "L3-04", "L3-05", "L3-07"] : [],
    createdAt: ago(86_400 * (index + 1)),
  }),
);
