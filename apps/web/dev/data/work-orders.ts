import { WorkOrderView } from "@flashline/contract";
import { ago, id } from "./basics.ts";

const FEW = ["L3-02", "L3-04", "L3-05", "L3-07"];

type Row = readonly [
  number: string,
  product: string,
  version: string,
  channel: string | null,
  quantity: number,
  passed: number,
  failed: number,
  running: number,
  stations: readonly string[],
];
const OPEN: readonly Row[] = [
  ["WO-20418", "MC-2", "2.8.1", null, 600, 418, 6, 5, FEW],
  ["WO-20422", "MC-2", "2.8.1", "stable", 800, 0, 0, 0, ["L3-05"]],
  ["WO-20417", "U2C", "1.4.0", null, 130, 120, 1, 1, ["R-01"]],
  ["WO-20415", "MC-2", "2.8.1", "service", 40, 0, 0, 0, []],
];
const CLOSED: readonly Row[] = [
  ["WO-20401", "MC-2", "2.7.0", null, 1_200, 1_200, 11, 0, []],
  ["WO-20398", "U2C", "1.3.2", null, 500, 500, 4, 0, []],
  ["WO-20391", "MC-2", "2.7.0", null, 800, 791, 19, 0, []],
  ["WO-20384", "PSU-40", "1.0.6", "line-4", 2_400, 2_400, 21, 0, []],
];

export const workOrders = [...OPEN, ...CLOSED].map(
  ([number, product, version, channel, quantity, passed, failed, running, stations], index) =>
    WorkOrderView.parse({
      id: id(7, index),
      number,
      product,
      version,
      channel,
      quantity,
      used: passed + running,
      passed,
      failed,
      running,
      stations,
      state: index < OPEN.length ? "open" : "closed",
      createdAt: ago(86_400 * (index + 1)),
    }),
);
